r"""Prints a script by which a shell completes the verbs and flags of inr-keras.

Examples:
  source <(inr-keras completion)
  inr-keras completion > ~/.local/share/bash-completion/completions/inr-keras
  source <(inr-keras completion --shell=zsh)
  inr-keras completion --shell=fish > ~/.config/fish/completions/inr-keras.fish
"""

import ast
import pathlib

from absl import flags as absl_flags

from apps import __main__ as command
from apps import cli

_FOLDER = pathlib.Path(__file__).parent
_BASH = """\
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

# After `compinit`; also as a file `_inr-keras` in `fpath`.
_ZSH = """\
#compdef inr-keras
_inr_keras() {{
  local -a flags
  if (( CURRENT == 2 )); then
    compadd -- {verbs}
    return
  fi
  case $PREFIX in
    --config=*|--against=*) compset -P '*='; compadd -- {configs}; _files; return ;;
    --*=*) compset -P '*='; _files; return ;;
  esac
  case ${{words[2]//-/_}} in
{flags}
  esac
  compadd -S '' -- ${{(M)flags:#*=}}
  compadd -- ${{flags:#*=}}
}}
if [[ $funcstack[1] = _inr-keras ]]; then
  _inr_keras "$@"
else
  compdef _inr_keras inr-keras
fi"""
_FISH = """\
# Completion of inr-keras for fish.
complete -c inr-keras -n __fish_use_subcommand -f -a "{verbs}"
{flags}"""
_CONFIGS = ("--config=", "--against=")

_SHELL = absl_flags.DEFINE_enum(
    "shell", "bash", ("bash", "zsh", "fish"), "The shell that reads the script."
)


def main():
    print(script(command.verbs(), _SHELL.value))


def script(verbs, shell="bash"):
    """Builds the script by which a shell completes these verbs and their flags."""
    configs = " ".join(sorted(path.stem for path in cli.CONFIGS.glob("[!_]*.py")))
    form, line = {
        "bash": (_BASH, '      {verb}) words="{flags}" ;;'),
        "zsh": (_ZSH, "    {verb}) flags=({flags}) ;;"),
        "fish": (_FISH, None),
    }[shell]
    if line:
        lines = [line.format(verb=v, flags=" ".join(flags(v))) for v in verbs]
    else:
        lines = [_fish(verb, flag, configs) for verb in verbs for flag in flags(verb)]
    return form.format(configs=configs, verbs=" ".join(verbs), flags="\n".join(lines))


def _fish(verb, flag, configs):
    """Line that completes a flag of a verb, which may be written with hyphens."""
    names = " ".join(dict.fromkeys((verb, verb.replace("_", "-"))))
    value = " -r" if flag.endswith("=") else ""
    if flag in _CONFIGS:
        value = f' -r -a "{configs}"'
    return (
        f'complete -c inr-keras -n "__fish_seen_subcommand_from {names}" '
        f"-l {flag.strip('-=')}{value}"
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
