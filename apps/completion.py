r"""Prints a script by which bash completes the verbs and flags of inr-keras.

Examples:
  source <(inr-keras completion)
  inr-keras completion > ~/.local/share/bash-completion/completions/inr-keras
"""

import ast
import pathlib

from apps import __main__ as command
from apps import cli

_FOLDER = pathlib.Path(__file__).parent
_SCRIPT = """\
# Completion of inr-keras for bash.
_inr_keras() {{
  local word=${{COMP_WORDS[COMP_CWORD]}} before=${{COMP_WORDS[COMP_CWORD-1]}} words=
  if [ "$word" = = ]; then
    word=; set -- "$before"
  elif [ "$before" = = ]; then
    set -- "${{COMP_WORDS[COMP_CWORD-2]}}"
  else
    set --
  fi
  if [ $# = 1 ]; then
    case $1 in --config|--against) words="{configs}" ;; esac
  elif [ "$COMP_CWORD" = 1 ]; then
    words="{verbs}"
  else
    case ${{COMP_WORDS[1]//-/_}} in
{flags}
    esac
  fi
  COMPREPLY=($(compgen -W "$words" -- "$word"))
  case ${{COMPREPLY[0]}} in *=) compopt -o nospace ;; esac
}}
complete -o default -F _inr_keras inr-keras"""


def main():
    print(script(command.verbs()))


def script(verbs):
    """Completion script for bash, of the programs of these verbs."""
    lines = [f'      {verb}) words="{" ".join(flags(verb))}" ;;' for verb in verbs]
    configs = sorted(path.stem for path in cli.CONFIGS.glob("[!_]*.py"))
    return _SCRIPT.format(
        configs=" ".join(configs), verbs=" ".join(verbs), flags="\n".join(lines)
    )


def flags(verb):
    """Flags of a program, read from its source, each with `=` unless it is a switch."""
    tree = ast.parse((_FOLDER / f"{verb}.py").read_text(encoding="utf-8"))
    found = ["--help"]
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            kind = node.func.attr
            if kind.startswith("DEFINE_"):
                sign = "" if kind == "DEFINE_bool" else "="
                found.append(f"--{node.args[0].value}{sign}")
            elif kind == "trust_flag":
                found.append("--trust_model")
    return sorted(found)


if __name__ == "__main__":
    cli.run(main)
