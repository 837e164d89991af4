"""The check of include directions finds what it is for."""

import tempfile
import unittest
from pathlib import Path

from check_includes import check


class CheckIncludesTest(unittest.TestCase):
    def setUp(self) -> None:
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.root = Path(folder.name)
        self.write("include/bytestore/bytes.hpp", "#pragma once")
        self.write("src/core/store.hpp", '#include "bytestore/bytes.hpp"')
        self.write("src/memory/backend.hpp", '#include "core/store.hpp"')

    def write(self, path: str, text: str) -> None:
        target = self.root / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text + "\n", encoding="utf-8")

    def assert_one_problem(self, part: str) -> None:
        problems = check(self.root)
        self.assertEqual(len(problems), 1, problems)
        self.assertIn(part, problems[0])

    def test_right_directions_pass(self) -> None:
        self.assertEqual(check(self.root), [])

    def test_core_must_not_know_a_backend(self) -> None:
        self.write("src/core/wrong.cpp", '#include "memory/backend.hpp"')
        self.assert_one_problem("src/core must not include src/memory")

    def test_backends_do_not_know_each_other(self) -> None:
        self.write("src/rocksdb/wrong.cpp", '#include "memory/backend.hpp"')
        self.assert_one_problem("src/rocksdb must not include src/memory")

    def test_the_command_sees_public_headers_only(self) -> None:
        self.write("cli/wrong.cpp", '#include "core/store.hpp"')
        self.assert_one_problem("cli must not include src/core")

    def test_a_library_stays_in_its_room(self) -> None:
        self.write("src/core/wrong.cpp", "#include <rocksdb/db.h>")
        self.assert_one_problem("only bench, src/rocksdb may include <rocksdb/db.h>")

    def test_public_headers_need_no_boost(self) -> None:
        self.write("include/bytestore/wrong.hpp", "#include <boost/asio.hpp>")
        self.assert_one_problem("needs no Boost")

    def test_an_empty_tree_does_not_pass(self) -> None:
        self.assertNotEqual(check(self.root / "cli"), [])


if __name__ == "__main__":
    unittest.main()
