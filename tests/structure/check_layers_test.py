"""The check of the layers finds what it is for."""

import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

import check_layers
from check_layers import check, drawing


class CheckLayersTest(unittest.TestCase):
    def setUp(self) -> None:
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.root = Path(folder.name)
        self.write("include/bytestore/bytes.hpp", "#pragma once")
        self.write("src/core/store.hpp", '#include "bytestore/bytes.hpp"')
        self.write("src/core/call.hpp", "#pragma once")
        self.write("src/memory/backend.hpp", '#include "core/store.hpp"')
        self.write("src/cassandra/driver/types.hpp", '#include "bytestore/bytes.hpp"')
        self.write("src/cassandra/driver/port.hpp", '#include "cassandra/driver/types.hpp"')
        self.write("src/cassandra/policy/retry.hpp", '#include "cassandra/driver/types.hpp"')
        self.write("src/cassandra/calls/batch.cpp", '#include "cassandra/policy/retry.hpp"')

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

    def test_no_layer_of_cassandra_knows_one_above_it(self) -> None:
        above = ["driver", "cql", "flow", "policy", "session", "table", "calls"]
        for lower, upper in zip(above, above[1:]):
            self.write(f"src/cassandra/{upper}/upper.hpp", "#pragma once")
            wrong = f"src/cassandra/{lower}/wrong.cpp"
            self.write(wrong, f'#include "cassandra/{upper}/upper.hpp"')
            self.assert_one_problem(f"{lower} must not include src/cassandra/{upper}")
            (self.root / wrong).unlink()

    def test_policy_sees_the_drivers_values_and_not_its_port(self) -> None:
        self.write("src/cassandra/policy/wrong.cpp", '#include "cassandra/driver/port.hpp"')
        self.assert_one_problem("policy must not include src/cassandra/driver (")

    def test_policy_does_no_io(self) -> None:
        self.write("src/cassandra/policy/wrong.cpp", "#include <boost/asio/steady_timer.hpp>")
        self.assert_one_problem("src/cassandra/policy does no I/O")

    def test_the_generated_bridge_is_for_the_files_of_the_bridge(self) -> None:
        generated = "#include <bytestore-driver/src/bridge.rs.h>"
        self.write("src/cassandra/driver/bridge.cpp", generated)
        self.write("src/cassandra/driver/wrong.cpp", generated)
        self.assert_one_problem("driver/wrong.cpp: only src/cassandra/driver/bridge.cpp, ")

    def test_a_library_stays_in_its_layer(self) -> None:
        self.write("src/core/wrong.cpp", "#include <rocksdb/db.h>")
        self.assert_one_problem("only bench, src/rocksdb, ")

    def test_public_headers_need_no_boost(self) -> None:
        self.write("include/bytestore/wrong.hpp", "#include <boost/asio.hpp>")
        self.assert_one_problem("needs no Boost")

    def test_a_file_of_no_layer_is_an_error(self) -> None:
        for unlisted in ("src/newthing", "tests/newthing", "newthing"):
            wrong = f"{unlisted}/thing.cpp"
            self.write(wrong, "#include <vector>")
            self.assert_one_problem(f"{wrong}: it lies in no layer")
            (self.root / wrong).unlink()

    def test_a_file_of_no_layer_must_not_be_included(self) -> None:
        self.write("src/newthing.inc", "")
        self.write("src/core/wrong.cpp", '#include "newthing.inc"')
        self.assert_one_problem("src/core must not include a file of no layer")

    def test_an_include_names_a_file(self) -> None:
        self.write("src/core/wrong.cpp", '#include "core/no_such_file.hpp"')
        self.assert_one_problem('there is no file "core/no_such_file.hpp"')

    def test_an_empty_tree_does_not_pass(self) -> None:
        self.assertNotEqual(check(self.root / "cli"), [])

    def test_the_architecture_has_the_drawing(self) -> None:
        for text, code in ((f"# Layers\n\n{drawing()}\n", 0), ("# Layers\n", 1)):
            self.write(check_layers.DOCUMENT, text)
            command = [sys.executable, str(check_layers.__file__), str(self.root)]
            ended = subprocess.run(command, capture_output=True, text=True, check=False)
            self.assertEqual(ended.returncode, code, ended.stderr)


if __name__ == "__main__":
    unittest.main()
