import pathlib
import re

from docs import gallery
from tests import testing


class GalleryTest(testing.TestCase):
    def test_every_picture_has_its_command(self):
        text = gallery.PAGE.read_text()
        commands = " ".join(gallery.commands(text))
        pictures = re.findall(r"!\[[^]]+\]\((.*?)\)", text)
        self.assertGreater(len(pictures), 15)
        for name in pictures:
            self.assertTrue((gallery.PAGE.parent / name).is_file(), name)
            # What a command writes, or a file in a folder that it writes.
            written = {f"docs/{name}", f"docs/{pathlib.Path(name).parent}"}
            self.assertTrue(
                any(
                    re.search(rf"{re.escape(path)}(?=['\s]|$)", commands)
                    for path in written
                ),
                name,
            )

    def test_continued_lines_are_one_command(self):
        text = "a\n\n```\none \\\n    two\nthree\n```\n```python\nno\n```\n"
        self.assertEqual(gallery.commands(text), ["one two", "three"])
