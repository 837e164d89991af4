"""Ctrl-C and SIGTERM, at a moment that is certain: while the command waits for somebody."""

import fcntl
import os
import re
import signal
import subprocess

import pytest
from conftest import bytes_in, contents, wait_until

# Long enough that a few of them fill a pipe, whatever is printed around them.
LONG = "x" * 200


def wait_for_output(pipe):
    wait_until(lambda: bytes_in(pipe) > 0)


def start_with_small_stderr(store, *arguments):
    """A command that blocks as soon as it has listed about one page of failures."""
    running = store.start(*arguments)
    fcntl.fcntl(running.process.stderr, fcntl.F_SETPIPE_SZ, 4096)
    wait_for_output(running.process.stderr)
    return running


@pytest.mark.parametrize("number, code", [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_put_stops_while_it_waits_for_standard_input(store, number, code):
    running = store.start("put", "key", stdin=subprocess.PIPE)
    running.process.stdin.write(b"some")
    running.process.stdin.flush()
    running.wait_for_watch(number)
    running.process.send_signal(number)
    running.process.wait()  # standard input is still open
    result = running.end()
    name = signal.Signals(number).name
    assert (result.code, result.out) == (code, b"")
    assert result.err == f"bytestore: stopped by {name}: nothing was done\n"
    assert not store.folder.exists()


def test_put_stops_while_it_waits_for_the_writer_of_a_fifo(store, tmp_path):
    os.mkfifo(tmp_path / "fifo")
    running = store.start("put", "key", str(tmp_path / "fifo"))
    running.wait_for_watch()
    running.process.send_signal(signal.SIGINT)
    assert running.end().code == 130


def test_get_stops_while_nobody_reads(store):
    store.put("small", b"a")
    store.put("large", b"x" * 2**20)
    running = store.start("get", "small", "large")
    wait_for_output(running.process.stdout)
    running.process.send_signal(signal.SIGINT)
    running.process.wait()  # the pipe is still full
    result = running.end()
    assert result.code == 130
    assert result.err == "bytestore: stopped by SIGINT: 1 of 2 values written\n"


def test_keys_stops_while_nobody_reads(store, tree):
    assert store.run("import", str(tree({f"{i:05}{LONG}": b"" for i in range(1500)}))).code == 0
    running = store.start("keys")
    wait_for_output(running.process.stdout)
    running.process.send_signal(signal.SIGINT)
    running.process.wait()
    result = running.end()
    assert result.code == 130
    assert re.fullmatch(r"bytestore: stopped by SIGINT: [\d,]+ keys listed\n", result.err)


@pytest.mark.parametrize("files", [500, 0])
def test_import_says_what_was_done_and_no_more(store, tree, files):
    root = tree({f"file-{i}": b"content" for i in range(files)})
    for i in range(500):
        (root / f"broken-{i}-{LONG}").symlink_to("nowhere")
    running = start_with_small_stderr(store, "import", str(root))
    running.interrupt()
    result = running.end()
    assert result.code == 130
    last = result.err.splitlines()[-1]
    done = re.match(r"bytestore: stopped by SIGINT: imported (\d+) files?, .* left out", last)
    assert done, last
    assert result.err.count("broken-") < 500
    assert store.ok("count") == done[1].encode() + b"\n"


def test_export_leaves_whole_files_only(store, tree, tmp_path):
    # In the order of the listing: one file, keys that are refused until the pipe is full, another.
    root = tree({"a": b"first", "z": b"last"} | {f"m{i}{LONG}/x": b"" for i in range(500)})
    assert store.run("import", str(root)).code == 0
    folder = tree({}, "copy")
    for i in range(500):
        (folder / f"m{i}{LONG}").symlink_to("nowhere")
    running = start_with_small_stderr(store, "export", str(folder))
    running.interrupt()
    result = running.end()
    assert result.code == 130
    last = result.err.splitlines()[-1]
    assert re.match(r"bytestore: stopped by SIGINT: exported 1 file, 5 bytes .* on disk$", last)
    files = [name for name in os.listdir(folder) if not name.startswith("m")]
    assert files == ["a"]
    assert (folder / "a").read_bytes() == b"first"


def test_the_second_signal_ends_the_process(store, tree):
    root = tree({})
    for i in range(500):
        (root / f"broken-{i}-{LONG}").symlink_to("nowhere")
    running = start_with_small_stderr(store, "import", str(root))
    running.interrupt()
    running.process.send_signal(signal.SIGINT)  # it waits for its standard error, and for no signal
    running.process.wait()
    running.end()
    assert running.process.returncode == -signal.SIGINT


def test_a_signal_that_was_ignored_stays_ignored(store):
    def ignore():
        signal.signal(signal.SIGINT, signal.SIG_IGN)

    running = store.start("put", "key", stdin=subprocess.PIPE, preexec_fn=ignore)
    running.wait_for_watch(signal.SIGTERM)
    running.process.send_signal(signal.SIGINT)
    assert running.end(b"value").code == 0
    assert store.ok("get", "key") == b"value"


def test_an_interrupted_get_leaves_the_file_as_it_was(store, tree):
    store.put("key", b"value")
    folder = tree({"target": b"old"}, "out")
    absent = [f"absent-{i}-{LONG}" for i in range(300)]
    running = start_with_small_stderr(
        store, "get", "key", *absent, "key", "-o", str(folder / "target")
    )
    running.interrupt()
    assert running.end().code == 130
    assert contents(folder) == {b"target": b"old"}
