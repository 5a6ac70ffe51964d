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
_FOLDER = pathlib.Path(__file__).parent
# Every program ends with these lines.
_RUN = 'if __name__ == "__main__":\n    '


def verbs():
    """Maps each verb to the first line of its program's description."""
    found = {}
    for path in sorted(_FOLDER.glob("[!_]*.py")):
        text = _program(path.stem)
        if text:
            description = ast.get_docstring(ast.parse(text))
            found[path.stem] = description.splitlines()[0]
    return found


def main():
    """Runs the program that the first argument names."""
    arguments = sys.argv[1:]
    if not arguments or arguments[0] in _HELP:
        print(_overview(verbs()))
        return
    verb = arguments[0].replace("-", "_")
    if not _program(verb):
        lines = verbs()
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


def _program(verb):
    """Source text of a verb's program, `""` where there is none."""
    path = _FOLDER / f"{verb}.py"
    if verb.startswith("_") or not verb.isidentifier() or not path.is_file():
        return ""
    text = path.read_text(encoding="utf-8")
    return text if _RUN in text else ""


def _overview(lines):
    width = max(map(len, lines))
    listed = "\n".join(f"  {verb:{width}}  {line}" for verb, line in lines.items())
    return (
        f"{COMMAND} VERB --flag=...\n\n{listed}\n\n"
        f"{COMMAND} VERB --help shows the flags of a program."
    )


if __name__ == "__main__":
    main()
