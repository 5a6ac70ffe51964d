import pathlib
import re

from docs import gallery
from tests import testing


class GalleryTest(testing.TestCase):
    def test_every_image_has_its_command(self):
        text = gallery.PAGE.read_text()
        commands = " ".join(gallery.commands(text))
        images = re.findall(r"!\[[^]]+\]\((.*?)\)", text)
        self.assertGreater(len(images), 15)
        for name in images:
            self.assertTrue((gallery.PAGE.parent / name).is_file(), name)
            # What a command writes, a file in a folder that it writes, or the
            # plot beside its JSON.
            path = pathlib.Path("docs", name)
            written = {*map(str, (path, path.parent, path.with_suffix(".json")))}
            self.assertTrue(
                any(
                    re.search(rf"{re.escape(one)}(?=['\s]|$)", commands)
                    for one in written
                ),
                name,
            )

    def test_continued_lines_are_one_command(self):
        text = "a\n\n```\none \\\n    two\nthree\n```\n```python\nno\n```\n"
        self.assertEqual(gallery.commands(text), ["one two", "three"])
