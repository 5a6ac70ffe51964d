from inr_keras import markdown_pages
from tests import testing


class HeadTest(testing.TestCase):
    def test_title_and_command(self):
        lines = markdown_pages.head("suite: 2 images", "python -m apps.study")
        self.assertEqual(
            "\n".join(lines),
            "# suite: 2 images\n\n"
            "This command wrote the page; no number was typed by hand.\n\n"
            "```\npython -m apps.study\n```\n",
        )
        lines = markdown_pages.head("a", "b", "score")
        self.assertIn("This command wrote the page; no score was typed by hand.", lines)
