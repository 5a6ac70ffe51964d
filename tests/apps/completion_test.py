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
