"""The console command `inr-keras VERB`, the same as `python -m apps.VERB`.

Without a verb it lists the verbs.
"""

import ast
import difflib
import pathlib
import runpy
import sys

COMMAND = "inr-keras"
_HELP = ("-h", "-help", "--help", "help")
# At the end of each program.
_RUN = 'if __name__ == "__main__":\n    '


def verbs():
    """First sentence of each program's description, by its verb."""
    found = {}
    for path in sorted(pathlib.Path(__file__).parent.glob("[!_]*.py")):
        text = path.read_text(encoding="utf-8")
        if _RUN in text:
            description = ast.get_docstring(ast.parse(text))
            found[path.stem] = description.splitlines()[0]
    return found


def main():
    """Runs the program that the first argument names."""
    arguments = sys.argv[1:]
    lines = verbs()
    if not arguments or arguments[0] in _HELP:
        print(_overview(lines))
        return
    verb = arguments[0].replace("-", "_")
    if verb not in lines:
        near = difflib.get_close_matches(verb, lines, 1)
        hint = f", such as {near[0]}" if near else ""
        print(
            f"error: VERB must be one of {', '.join(lines)}{hint}. "
            f"Received: {arguments[0]!r}",
            file=sys.stderr,
        )
        sys.exit(2)
    sys.argv = [f"{COMMAND} {verb}", *arguments[1:]]
    runpy.run_module(f"apps.{verb}", run_name="__main__", alter_sys=True)


def _overview(lines):
    width = max(map(len, lines))
    listed = "\n".join(f"  {verb:{width}}  {line}" for verb, line in lines.items())
    return (
        f"{COMMAND} VERB --flag=...\n\n{listed}\n\n"
        f"{COMMAND} VERB --help shows the flags of a program."
    )


if __name__ == "__main__":
    main()
