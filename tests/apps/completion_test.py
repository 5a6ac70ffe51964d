import shutil
import subprocess
import sys

from apps import __main__ as command
from apps import completion
from tests.apps import running


class CompletionTest(running.TestCase):
    def complete(self, *words):
        """Words that bash offers for the last of these."""
        asked = " ".join(f"'{word}'" for word in words)
        lines = (
            completion.script(command.verbs()),
            f"COMP_WORDS=({asked}) COMP_CWORD={len(words) - 1}",
            'compopt() { :; }; _inr_keras; printf "%s\\n" "${COMPREPLY[@]}"',
        )
        process = subprocess.run(
            ["bash", "-c", "\n".join(lines)],
            capture_output=True,
            text=True,
            encoding="utf-8",
        )
        self.assertEqual(process.stderr, "")
        return process.stdout.split()

    def test_verbs_flags_and_configs(self):
        self.assertEqual(self.complete("inr-keras", "pl"), ["plan"])
        self.assertIn("serve", self.complete("inr-keras", ""))
        found = self.complete("inr-keras", "train", "--w")
        self.assertEqual(found, ["--workdir="])
        found = self.complete("inr-keras", "prepare-data", "--so")
        self.assertEqual(found, ["--source="])
        found = self.complete("inr-keras", "train", "--config", "=", "openmoji_d")
        self.assertEqual(found, ["openmoji_demo"])
        self.assertIn("tiny", self.complete("inr-keras", "plan", "--config", "="))
        # Files, by bash itself.
        self.assertEqual(self.complete("inr-keras", "train", "--workdir", "="), [])

    def run_shell(self, shell, code, before=""):
        """What a shell prints once it has read its script; skipped without it."""
        if not shutil.which(shell):
            self.skipTest(f"{shell} is not installed")
        lines = f"{before}\n{completion.script(command.verbs(), shell)}\n{code}"
        process = subprocess.run(
            [shell, "-c", lines], capture_output=True, text=True, encoding="utf-8"
        )
        self.assertEqual((process.stderr, process.returncode), ("", 0))
        return process.stdout.split()

    def test_zsh(self):
        text = completion.script(command.verbs(), "zsh")
        self.assertIn("    prepare_data) flags=(--", text)
        before = "compdef() {}; compset() {}; _files() {}; compadd() { print -l -- $@ }"
        asked = (
            ("words=(inr-keras) CURRENT=2", "plan"),
            ("words=(inr-keras prepare-data) CURRENT=3", "--source="),
            ("words=(inr-keras train) CURRENT=3 PREFIX=--config=", "openmoji_demo"),
        )
        for state, expected in asked:
            found = self.run_shell("zsh", f"{state}; _inr_keras", before)
            self.assertIn(expected, found)

    def test_fish(self):
        text = completion.script(command.verbs(), "fish")
        self.assertIn('_from prepare_data prepare-data" -l source -r\n', text)
        self.assertIn('_from train" -l dry_run\n', text)
        for line, expected in {
            "inr-keras pl": "plan",
            "inr-keras prepare-data --so": "--source",
            "inr-keras train --config=openmoji_d": "--config=openmoji_demo",
        }.items():
            found = self.run_shell("fish", f"complete -C '{line}'")
            self.assertIn(expected, found)

    def test_flags_are_those_of_the_program(self):
        code = (
            "from absl import flags; import apps.{verb}; "
            "print(*(f.name for m, fs in flags.FLAGS.flags_by_module_dict().items() "
            "if m.startswith('apps') for f in fs))"
        )
        for verb in ("study", "evaluate"):
            names = subprocess.run(
                [sys.executable, "-c", code.format(verb=verb)],
                cwd=running.ROOT,
                capture_output=True,
                text=True,
                encoding="utf-8",
                check=True,
            ).stdout.split()
            found = {flag.strip("-=") for flag in completion.flags(verb)}
            self.assertEqual(found, {*names, "help"})
