import re

from inr_keras.explorer import pages
from tests import testing


class WithoutServerTest(testing.TestCase):
    def test_one_more_script(self):
        with_server = (pages.FOLDER / "index.html").read_text(encoding="utf-8")
        text = pages.without_server()
        scripts = re.findall(r'<script type="module" src="(.*?)">', text)
        self.assertEqual(scripts, ["js/local/server.js", "js/main.js"])
        self.assertTrue((pages.FOLDER / scripts[0]).is_file())
        added = '<script type="module" src="js/local/server.js"></script>\n  '
        self.assertEqual(text.replace(added, ""), with_server)
