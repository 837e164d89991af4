"""What only the store that processes share can show."""

from __future__ import annotations

import json
import multiprocessing
import os
import re
import signal
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote

import lmdb
import pytest

import langchain_bytestore
from langchain_bytestore import (
    CorruptError,
    InvalidArgumentError,
    LmdbByteStore,
    RocksDBByteStore,
    SchemaError,
    UnavailableError,
)

_SECONDS = 60  # over this, something hangs

_WRITER = """
import sys
from langchain_bytestore import LmdbByteStore

path, name = sys.argv[1:]
with LmdbByteStore(path, sync=False) as store:
    for i in range(100):
        store.mset([(name, str(i).encode())])
        assert store.mget([name]) == [str(i).encode()]
"""


def test_processes_share_a_folder(tmp_path: Path) -> None:
    path = str(tmp_path / "store")
    with LmdbByteStore(path, sync=False) as store:
        store.mset([("mine", b"0")])
        others = [
            subprocess.Popen([sys.executable, "-c", _WRITER, path, f"of{i}"]) for i in range(4)
        ]
        for i in range(100):
            store.mset([("mine", str(i).encode())])
            assert store.mget(["mine"]) == [str(i).encode()]
        assert [other.wait(_SECONDS) for other in others] == [0] * 4
        assert sorted(store.yield_keys()) == ["mine", "of0", "of1", "of2", "of3"]
        assert store.mget(["of0", "of3"]) == [b"99", b"99"]


def _use_in_child(path: str, parents: LmdbByteStore) -> None:
    with pytest.raises(UnavailableError, match="fork"):
        parents.mget(["a"])
    with LmdbByteStore(path) as store:
        store.mset([("of the child", store.mget(["a"])[0] or b"")])


def test_a_forked_child_opens_its_own(tmp_path: Path) -> None:
    path = str(tmp_path / "store")
    with LmdbByteStore(path) as store:
        store.mset([("a", b"1")])
        child = multiprocessing.get_context("fork").Process(
            target=_use_in_child, args=(path, store)
        )
        child.start()
        child.join(_SECONDS)
        assert child.exitcode == 0
        assert store.mget(["of the child"]) == [b"1"]


def _count_to(path: str, name: str, last: int) -> list[bytes | None]:
    """Returns what it had written before each write."""
    with LmdbByteStore(path, sync=False) as store:
        seen = []
        for i in range(last + 1):
            seen += store.mget([name])
            store.mset([(name, str(i).encode())])
        return seen


@pytest.mark.parametrize("method", ["fork", "spawn", "forkserver"])
def test_a_pool_of_processes_writes_at_once(tmp_path: Path, method: str) -> None:
    path = str(tmp_path / "store")
    names = [f"of{i}" for i in range(4)]
    with LmdbByteStore(path, sync=False) as store:
        with multiprocessing.get_context(method).Pool(4) as pool:
            counted = pool.starmap_async(_count_to, [(path, name, 99) for name in names], 1)
            while not counted.ready():
                store.mset([("mine", b"")])
                assert store.mget(["mine"]) == [b""]
            assert counted.get() == [[None, *(str(i).encode() for i in range(99))]] * 4
        assert store.mget(names) == [b"99"] * 4
        assert sorted(store.yield_keys()) == ["mine", *names]


_SERVICE = """
import json, os, sys, time
from langchain_bytestore import LmdbByteStore
from langchain_classic.embeddings import CacheBackedEmbeddings
from langchain_core.embeddings import Embeddings

WORKERS = 4
store = LmdbByteStore("cache")
computed = []

class Model(Embeddings):
    def embed_documents(self, texts):
        computed.extend(texts)
        return [[float(len(text))] for text in texts]

    def embed_query(self, text):
        return self.embed_documents([text])[0]

cached = CacheBackedEmbeddings.from_bytes_store(
    Model(), store, namespace="model", key_encoder="sha256"
)

def app(environ, start_response):
    round, *texts = environ["QUERY_STRING"].split(",")
    cached.embed_documents(texts)
    answer = {"pid": os.getpid(), "computed": list(computed)}
    computed.clear()
    store.mset([(f"done/{round}/{os.getpid()}", b"")])
    while len(list(store.yield_keys(prefix=f"done/{round}/"))) < WORKERS:
        time.sleep(0.001)  # so that each worker has one of the requests
    start_response("200 OK", [("Content-Type", "application/json")])
    return [json.dumps(answer).encode()]
"""


@contextmanager
def _gunicorn(folder: Path) -> Iterator[str]:
    """Serves `service.py` of the folder by four workers; gives its address."""
    command = [sys.executable, "-m", "gunicorn", "--workers", "4", "--bind", "127.0.0.1:0"]
    with subprocess.Popen(
        [*command, "--timeout", str(_SECONDS), "service:app"],
        cwd=folder,
        stderr=subprocess.PIPE,
        text=True,
    ) as server:
        try:
            assert server.stderr is not None
            said = ""
            while not (found := re.search(r"Listening at: (http://\S+)", said)):
                line = server.stderr.readline()
                assert line, said
                said += line
            yield found.group(1)
        finally:
            server.terminate()
            server.communicate(timeout=_SECONDS)


def test_the_workers_of_a_web_server_share_a_cache(tmp_path: Path) -> None:
    (tmp_path / "service.py").write_text(_SERVICE, encoding="utf-8")
    texts = ["one", "three", "seventeen", "a thousand"]
    with _gunicorn(tmp_path) as address, ThreadPoolExecutor(4) as clients:

        def ask(query: str) -> dict[str, Any]:
            with urllib.request.urlopen(f"{address}/?{query}", timeout=_SECONDS) as answer:
                told: dict[str, Any] = json.load(answer)
            return told

        of_each = list(clients.map(ask, [f"first,{quote(text)}" for text in texts]))
        of_all = list(clients.map(ask, [f"second,{','.join(map(quote, texts))}"] * 4))
    assert [told["computed"] for told in of_each] == [[quote(text)] for text in texts]
    assert [told["computed"] for told in of_all] == [[]] * 4
    workers = {told["pid"] for told in of_each}
    assert len(workers) == 4
    assert workers == {told["pid"] for told in of_all}
    with LmdbByteStore(tmp_path / "cache") as store:
        assert len(list(store.yield_keys(prefix="model"))) == 4


def test_the_command_beside_a_program(tmp_path: Path) -> None:
    command = [os.environ["BYTESTORE_COMMAND"], "--store", f"lmdb:{tmp_path}/store"]
    with LmdbByteStore(tmp_path / "store") as store:
        store.mset([("a", b"of the program")])
        got = subprocess.run([*command, "get", "a"], check=True, stdout=subprocess.PIPE)
        assert got.stdout == b"of the program"
        subprocess.run([*command, "put", "b"], input=b"of the command", check=True)
        assert store.mget(["a", "b"]) == [b"of the program", b"of the command"]


def _set_some(path: str, done: Any) -> None:
    store = LmdbByteStore(path, sync=False)
    store.mset([(f"{i:05}", b"") for i in range(20_000)])
    keys = store.yield_keys()
    for _ in range(10_000):
        next(keys)
    done.set()
    signal.pause()


def test_a_process_that_is_killed_holds_nothing_up(tmp_path: Path) -> None:
    path = str(tmp_path / "store")
    spawn = multiprocessing.get_context("spawn")
    done = spawn.Event()
    process = spawn.Process(target=_set_some, args=(path, done))
    process.start()
    assert done.wait(_SECONDS)
    process.kill()
    process.join(_SECONDS)
    with LmdbByteStore(path) as store:
        store.mset([("a", b"1")])
        assert len(list(store.yield_keys())) == 20_001


def test_stores_of_one_process_share_a_folder(tmp_path: Path) -> None:
    with LmdbByteStore(tmp_path / "store") as one, LmdbByteStore(f"{tmp_path}/./store") as other:
        one.mset([("a", b"1")])
        assert other.mget(["a"]) == [b"1"]
    with langchain_bytestore.open(f"lmdb:{tmp_path}/store?sync=false") as again:
        assert again.mget(["a"]) == [b"1"]


def test_a_key_of_another_program_is_named(tmp_path: Path) -> None:
    with LmdbByteStore(tmp_path / "s") as store:
        store.mset([("a", b"1"), ("c", b"3")])
    with (
        lmdb.open(str(tmp_path / "s")) as environment,
        environment.begin(write=True) as transaction,
    ):
        transaction.put(b"b\xc3", b"2")
    with LmdbByteStore(tmp_path / "s") as store:
        keys = store.yield_keys()
        assert next(keys) == "a"
        with pytest.raises(CorruptError, match=r"b\\xc3|b\\xC3"):
            next(keys)
        assert store.mget(["a", "c"]) == [b"1", b"3"]


def test_wrong_folders_and_arguments_are_refused(tmp_path: Path) -> None:
    RocksDBByteStore(tmp_path / "rocksdb").close()
    with pytest.raises(SchemaError, match="rocksdb:"):
        LmdbByteStore(tmp_path / "rocksdb")
    with pytest.raises(UnavailableError):
        LmdbByteStore(tmp_path / "none", create_if_missing=False)
    with pytest.raises(InvalidArgumentError, match="path"):
        LmdbByteStore("")
    with pytest.raises(TypeError):
        LmdbByteStore(tmp_path / "none", sync=1)  # type: ignore[arg-type]
    with pytest.raises(InvalidArgumentError, match="valid: sync"):
        langchain_bytestore.open(f"lmdb:{tmp_path}/none?snyc=false")
