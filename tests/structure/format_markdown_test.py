"""The check of the Markdown files finds prose that is not wrapped at 100 columns, and rewrites it.

usage: format_markdown_test.py FORMAT_MARKDOWN
"""

import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

TOOL = sys.argv.pop()

LONG_LINK = f"[a link](https://example.org/{'x' * 120})"
LONG_CODE = f"```sh\necho {'word ' * 40}\n```"
TABLE = f"| what | why |\n| -- | -- |\n| {'cell ' * 20} | {'cell ' * 20} |".replace("  |", " |")
HEADING = f"## {'A heading ' * 12}".strip()


class FormatMarkdownTest(unittest.TestCase):
    def setUp(self) -> None:
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.document = Path(folder.name) / "document.md"

    def run_tool(self, *arguments: str) -> subprocess.CompletedProcess:
        command = [TOOL, *arguments, str(self.document)]
        return subprocess.run(command, capture_output=True, text=True, check=False)

    def passes(self, text: str) -> bool:
        self.document.write_text(text + "\n", encoding="utf-8")
        result = self.run_tool("--check")
        self.assertEqual(self.document.read_text(encoding="utf-8"), text + "\n")
        self.assertIn(result.returncode, (0, 1), result.stderr)
        self.assertEqual(result.returncode == 1, self.document.name in result.stderr)
        return result.returncode == 0

    def test_prose_over_100_columns_is_found(self) -> None:
        self.assertTrue(self.passes("a" * 50 + " " + "b" * 49))
        self.assertFalse(self.passes("a" * 50 + " " + "b" * 50))

    def test_prose_in_a_list_is_found(self) -> None:
        self.assertFalse(self.passes("- " + "a" * 50 + " " + "b" * 48))

    def test_prose_that_is_wrapped_too_early_is_found(self) -> None:
        self.assertFalse(self.passes("a\nb"))

    def test_what_cannot_be_wrapped_passes(self) -> None:
        for text in (LONG_LINK, LONG_CODE, TABLE, HEADING):
            with self.subTest(text):
                self.assertTrue(self.passes(text))

    def test_prose_is_rewritten(self) -> None:
        self.document.write_text("word " * 50 + "\n\n" + LONG_CODE + "\n", encoding="utf-8")
        result = self.run_tool()
        self.assertEqual(result.returncode, 0, result.stderr)
        prose, code = self.document.read_text(encoding="utf-8").split("\n\n")
        self.assertEqual([len(line) for line in prose.split("\n")], [99, 99, 49])
        self.assertEqual(code, LONG_CODE + "\n")


if __name__ == "__main__":
    unittest.main()
