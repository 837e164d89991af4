"""Help, where the store comes from, wrong arguments, and the exit codes of a store."""

import os
import re
import subprocess

import pytest
from conftest import COMMAND, Store

VERBS = ["put", "get", "delete", "keys", "count", "import", "export", "compact"]


def run(*arguments, **environment):
    clean = {name: value for name, value in os.environ.items() if name != "BYTESTORE_STORE"}
    return subprocess.run(
        [COMMAND, *arguments],
        env=clean | environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=120,
    )


def test_help_names_verbs_exit_codes_and_the_variable():
    result = run("--help")
    assert (result.returncode, result.stderr) == (0, "")
    for verb in VERBS:
        assert f"\n  {verb} " in result.stdout
    for code in ["0", "1", "2", "3", "4", "130"]:
        assert f"\n  {code} " in result.stdout
    assert "143" in result.stdout
    assert "BYTESTORE_STORE" in result.stdout
    assert max(map(len, result.stdout.splitlines())) <= 100


@pytest.mark.parametrize("verb", VERBS)
def test_help_of_a_verb_has_an_example(verb):
    result = run(verb, "--help")
    assert (result.returncode, result.stderr) == (0, "")
    assert result.stdout.splitlines()[1].startswith(f"Usage: bytestore {verb} ")
    assert re.search(rf"\nExample: bytestore --store rocksdb:./data {verb}( [^\n]+)?\n\Z", result.stdout)


def test_the_version_is_that_of_the_project():
    result = run("--version")
    assert (result.returncode, result.stdout) == (0, os.environ["BYTESTORE_VERSION"] + "\n")


def test_the_store_comes_from_the_option_or_the_environment(tmp_path):
    first, second = (f"rocksdb:{tmp_path}/{name}" for name in ["first", "second"])
    assert run("--store", first, "put", "a").returncode == 0
    assert run("keys", BYTESTORE_STORE=first).stdout == "a\n"
    assert run("put", "b", "--store", second, BYTESTORE_STORE=first).returncode == 0
    assert run("keys", BYTESTORE_STORE=second).stdout == "b\n"


@pytest.mark.parametrize("environment", [{}, {"BYTESTORE_STORE": ""}])
def test_no_store_is_wrong_usage(environment):
    result = run("keys", **environment)
    assert result.returncode == 2
    assert "BYTESTORE_STORE" in result.stderr


@pytest.mark.parametrize(
    "arguments, hint",
    [
        ([], "a verb is needed"),
        (["gte"], 'no verb "gte"; valid: compact, count, delete, '),
        (["--stor", "x", "keys"], 'unexpected argument "--stor"; valid: '),
        (["keys", "--prefx", "x"], 'unexpected argument "--prefx"; valid: --help, --json, '),
        (["keys", "extra"], 'unexpected argument "extra"'),
        (["put"], "KEY is required"),
        (["get"], "KEY is required"),
        (["delete"], "KEY is required, or -0"),
        (["import"], "DIR is required"),
        (["count", "--json=maybe"], "a flag was given a value"),
        (["export"], "DIR is required"),
        (["keys", "--prefix"], "--prefix"),
        (["--store", "a:", "--store", "b:", "keys"], "--store"),
    ],
)
def test_wrong_arguments_are_wrong_usage(arguments, hint):
    result = run(*arguments, BYTESTORE_STORE="memory:")
    assert (result.returncode, result.stdout) == (2, "")
    assert hint in result.stderr
    assert "--help" in result.stderr


@pytest.mark.parametrize(
    "uri", ["nothing:x", "no-scheme", "rocksdb:", "rocksdb:x?snc=true", "memory:x", "rocksdb:%zz"]
)
def test_a_wrong_uri_is_wrong_usage(uri, tmp_path):
    result = run("--store", uri, "keys")
    assert (result.returncode, result.stdout) == (2, "")


@pytest.mark.parametrize(
    "arguments",
    [
        ["--store", "nothing://user:secret@host/", "keys"],
        ["--store=nothing://user:secret@host/", "keys"],
        ["--stroe=nothing://user:secret@host/", "keys"],
        ["--stroe", "nothing://user:secret@host/", "keys"],
        ["keys", "nothing://user:secret@host/"],
        ["nothing://user:secret@host/", "keys"],
        ["keys", "--store", "a:secret", "--store", "b:secret"],
        ["-scassandra://user:secret@host/app?table=kv", "keys"],
        ["--storecassandra://user:secret@host/app?table=kv", "keys"],
        ["keys", "secret@host"],
        ["--store", "Cassandra://user:sec/secret@host/app?table=kv", "keys"],
        ["--store", " cassandra://user:secret@host/app?table=kv", "keys"],
        ["--store", "//user:secret@host/app?table=kv", "keys"],
        ["--store", "user:secret@host", "keys"],
        ["--store", "user://secret@host", "keys"],
        ["--store", "ROCKSDB://user:secret@host", "put", "key"],
        ["--store", "cassandra://user:secret/app?table=kv", "keys"],
        ["--store", "cassandra://user:1?secret=@host/app?table=kv", "keys"],
        ["--store", "memory:", "keys", "--limit", "nothing://user:secret@host/"],
        ["--store", "memory:", "keys", "--limit", "user:secret@host"],
        ["--store", "memory:", "count", "--json=user:secret@host"],
        ["--store", "memory:", "delete", "--null=cassandra://user:secret/app?table=kv"],
        ["--store", "memory:", "import", "cassandra://user:secret@host/app?table=kv"],
        ["--store", "memory:", "import", "cassandra://user:secret/app?table=kv"],
        ["--store", "memory:", "put", "key", "cassandra://user:secret@host/app?table=kv"],
        ["--store", "memory:", "export", "/dev/null/cassandra://user:secret@host/app?table=kv"],
    ],
)
def test_a_password_is_never_printed(arguments):
    for given in (arguments, [*arguments[2:], *arguments[:2]]):
        result = run(*given)
        assert result.returncode == 2
        assert "secret" not in result.stdout + result.stderr


@pytest.mark.parametrize(
    "path",
    [
        "cassandra://user:secret@host/app?table=kv",
        "cassandra://user:1?secret/secret@host/app?table=kv",
        "cassandra://user:secret/app?table=kv",
        "user:sec/secret@host/",
    ],
)
def test_a_password_in_place_of_an_output_file_is_never_printed(path, store):
    store.put("key")
    result = store.run("get", "key", "-o", path)
    assert (result.code, result.out) == (2, b"")
    assert "cannot write" in result.err
    assert "secret" not in result.err


def test_a_password_in_place_of_a_folder_is_never_printed(tmp_path, store):
    store.put("key")
    (tmp_path / "cassandra:").write_bytes(b"")
    result = store.run("export", f"{tmp_path}/cassandra://user:secret@host/app?table=kv")
    assert result.code == 2
    assert "cannot open or create the folder" in result.err
    assert "secret" not in result.err


@pytest.mark.parametrize("scheme", ["RocksDB", "ROCKSDB"])
def test_a_scheme_may_be_in_any_case(tmp_path, scheme):
    assert run("--store", f"{scheme}:{tmp_path}/store", "put", "a").returncode == 0
    assert run("--store", f"rocksdb:{tmp_path}/store", "keys").stdout == "a\n"


@pytest.mark.parametrize(
    "arguments", [["get", "a"], ["delete", "a"], ["keys"], ["count"], ["export", "copy"]]
)
def test_a_store_that_is_not_there_is_not_made_by_reading(store, arguments):
    result = store.run(*arguments)
    assert (result.code, result.out) == (4, b"")
    assert "there is no store" in result.err
    assert not store.folder.exists()


def test_a_store_that_another_process_holds_is_unreachable(store, tree):
    # A listing that nobody reads blocks at the full pipe, and holds the store.
    names = {f"{i:05}" + "x" * 200: b"" for i in range(1000)}
    assert store.run("import", str(tree(names))).code == 0
    holder = store.start("keys")
    assert holder.process.stdout.read(1) == b"0"
    result = store.run("count")
    assert result.code == 4
    assert f"process {holder.process.pid} holds the folder" in result.err
    holder.process.kill()
    holder.end()
    assert store.ok("count") == b"1000\n"


def test_a_folder_that_holds_no_store_is_refused(tmp_path):
    damaged = Store(tmp_path / "store")
    damaged.put("a")
    (damaged.folder / "CURRENT").write_bytes(b"nonsense\n")
    result = damaged.run("keys")
    assert result.code == 4


def test_a_path_that_cannot_be_a_store_is_refused(tmp_path):
    (tmp_path / "file").write_bytes(b"")
    result = run("--store", f"rocksdb:{tmp_path}/file", "put", "a")
    assert result.returncode == 4


def test_the_memory_store_works_and_forgets():
    assert run("--store", "memory:", "put", "a").returncode == 0
    assert run("--store", "memory:", "count").stdout == "0\n"
    assert run("--store", "memory:", "get", "a").returncode == 3
