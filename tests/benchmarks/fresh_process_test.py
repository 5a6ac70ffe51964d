import os
import signal

from configs import tiny
from inr_keras import config as config_lib
from inr_keras.benchmarks import fresh_process
from tests import testing
from tests.benchmarks import called


class CallTest(testing.TestCase):
    def test_arguments_and_answer(self):
        answer = fresh_process.call(called.echo, work=[1.5, "a"], more=None)
        self.assertEqual(answer, {"work": [1.5, "a"], "more": None})

    def test_settings_among_them(self):
        config = tiny.get_config()
        answer = fresh_process.call(called.echo, work=[(config, 2)])
        self.assertEqual(answer["work"], [[config, 2]])
        self.assertIsInstance(answer["work"][0][0], config_lib.Experiment)

    def test_several_answers(self):
        answers = fresh_process.stream(called.count, limit=3)
        self.assertEqual(next(answers), 0)
        self.assertEqual(list(answers), [1, 2])

    def test_a_process_whose_answers_nobody_wants_ends(self):
        answers = fresh_process.stream(called.endless)
        pid = next(answers)
        answers.close()
        with self.assertRaises(ProcessLookupError):
            os.kill(pid, 0)

    def test_answers_before_an_error(self):
        answers = fresh_process.stream(called.count, limit=2, error="ValueError")
        self.assertEqual([next(answers), next(answers)], [0, 1])
        with self.assertRaises(ValueError):
            next(answers)


class ErrorsTest(testing.TestCase):
    def test_wrong_input_and_failures_keep_their_type(self):
        for name in ("ValueError", "FloatingPointError", "OSError"):
            with self.subTest(name), self.assertRaises(Exception) as context:
                fresh_process.call(called.fail, error=name)
            self.assertEqual(type(context.exception).__name__, name)
            self.assertEqual(str(context.exception), "two lines of text")

    def test_any_other_error_is_one_line(self):
        with self.assertRaisesRegex(RuntimeError, "^KeyError: 'two"):
            fresh_process.call(called.fail, error="KeyError")

    def test_a_killed_process(self):
        with self.assertRaisesRegex(RuntimeError, "^killed by signal 9$"):
            fresh_process.call(called.send_signal, number=int(signal.SIGKILL))

    def test_an_interrupted_process(self):
        with self.assertRaises(KeyboardInterrupt):
            fresh_process.call(called.send_signal, number=int(signal.SIGINT))


class ShownTest(testing.TestCase):
    def test_what_is_printed_is_no_answer(self):
        # More than a pipe takes.
        answer = fresh_process.call(called.echo, work=1, more=2**17)
        self.assertEqual(answer["work"], 1)

    def test_it_is_shown_on_standard_error_where_asked_for(self):
        with self.standard_error() as path:
            fresh_process.call(called.echo, work=1)
            self.assertEqual(path.read_text(), "")
            fresh_process.call(called.echo, show=True, work=1)
            self.assertEqual(path.read_text().count("Printed by a library."), 2)

    def standard_error(self):
        """Context in which standard error of this process goes to a file."""
        path = self.temporary_folder() / "errors"

        class Redirected:
            def __enter__(self):
                self.kept = os.dup(2)
                with open(path, "w") as file:
                    os.dup2(file.fileno(), 2)
                return path

            def __exit__(self, *_):
                os.dup2(self.kept, 2)
                os.close(self.kept)

        return Redirected()


class InterruptedTest(testing.TestCase):
    def test_the_process_ends_before_the_interruption_goes_on(self):
        saved = self.temporary_folder() / "saved"
        # Another process asks, as an interruption of this one ends all tests.
        with self.assertRaises(KeyboardInterrupt):
            fresh_process.call(called.asks, path=str(saved))
        self.assertEqual(saved.read_text(), "all")
