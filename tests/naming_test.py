import pytest

from inr_keras import naming
from tests import testing


class NamingTest(testing.TestCase):
    def test_renamed(self):
        for text, names, expected in (
            ("`path` must exist.", {"path": "model"}, "`model` must exist."),
            ("`path` must exist.", {"path": "--model"}, "--model must exist."),
            ("`path` must exist.", {"path": "config.x"}, "config.x must exist."),
            ("`path` must exist.", {"paths": "model"}, "`path` must exist."),
            ("`a` and `b`, not a.", {"a": "b", "b": "a"}, "`b` and `a`, not a."),
            (
                "config.data.source must be tfds.",
                {"config.data.source": "data"},
                "`data` must be tfds.",
            ),
            (
                "config.data.source must have a config.json.",
                {"config.data": "data"},
                "config.data.source must have a config.json.",
            ),
            (
                "`samples` must be 2. Received: side=3",
                {"side": "--patch_size"},
                "`samples` must be 2. Received: --patch_size=3",
            ),
            ("`x` is bad. Received: y=1", {"y": "z"}, "`x` is bad. Received: z=1"),
        ):
            with self.subTest(text, names=names):
                self.assertEqual(naming.renamed(text, names), expected)

    def test_renaming_keeps_the_error(self):
        error = ValueError("`path` must exist.", 3)
        with pytest.raises(ValueError) as caught:
            with naming.renaming({"path": "image"}):
                raise error
        self.assertIs(caught.value, error)
        self.assertEqual(error.args, ("`image` must exist.", 3))
        with pytest.raises(FileNotFoundError, match="No such file"):
            with naming.renaming({"path": "image"}):
                open("/nothing/there")

    def test_first_line(self):
        error = OSError("Two.\n lines")
        self.assertEqual(naming.first_line(error), "Two.")
        error.message = "One.\nMore."  # As TensorFlow's errors have it.
        self.assertEqual(naming.first_line(error), "One.")
        for kind in (OSError, KeyError, RuntimeError):
            self.assertEqual(naming.first_line(kind()), kind.__name__)
