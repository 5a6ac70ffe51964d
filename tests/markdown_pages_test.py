from inr_keras import markdown_pages
from tests import testing


class HeadTest(testing.TestCase):
    def test_title_and_command(self):
        lines = markdown_pages.head("suite: 2 images", "python -m apps.study")
        self.assertEqual(
            "\n".join(lines),
            "# suite: 2 images\n\nWritten by this command; no number is typed.\n\n"
            "```\npython -m apps.study\n```\n",
        )
        lines = markdown_pages.head("a", "b", "score")
        self.assertIn("Written by this command; no score is typed.", lines)
