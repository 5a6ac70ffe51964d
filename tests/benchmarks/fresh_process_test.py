import io
from unittest import mock

from inr_keras.benchmarks import fresh_process
from tests import testing


class ChildTest(testing.TestCase):
    def test_question_and_answer(self):
        # This very module answers when it is run: see its end.
        self.assertEqual(fresh_process.ask(__name__, [1.5, "a"]), {"given": [1.5, "a"]})

    def test_a_failure_is_one_line(self):
        with self.assertRaisesRegex(RuntimeError, "^ValueError: no work$"):
            fresh_process.ask(__name__, None)

    def test_what_is_printed(self):
        with (
            mock.patch("sys.stdin", io.StringIO("2")),
            mock.patch("sys.stdout", io.StringIO()) as out,
        ):
            fresh_process.answer(lambda work: work + 1)
        self.assertEqual(out.getvalue(), "3\n")


def _given(work):
    print("Something that a library says.")
    if work is None:
        raise ValueError("no work")
    return {"given": work}


if __name__ == "__main__":
    fresh_process.answer(_given)
