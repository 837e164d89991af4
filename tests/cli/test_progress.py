"""Progress is for a person at a terminal, and for nobody else."""

import os
import pty
import re
import subprocess

import pytest


@pytest.fixture
def filled(store, tree):
    store.root = str(tree({f"f{i}": b"x" * 1000 for i in range(20)}))
    assert store.run("import", store.root).code == 0
    return store


def on_a_terminal(store, *arguments):
    """What the command writes to a terminal that is its standard error."""
    ours, theirs = pty.openpty()
    running = store.start(*arguments, stdout=subprocess.DEVNULL, stderr=theirs)
    os.close(theirs)
    text = b""
    while True:
        try:
            part = os.read(ours, 65536)
        except OSError:  # how a terminal says that nobody has it open any more
            break
        if not part:
            break
        text += part
    os.close(ours)
    assert running.process.wait() == 0
    return text.decode()


def test_import_shows_files_bytes_rate_and_time_left(filled):
    text = on_a_terminal(filled, "import", filled.root)
    assert re.search(r"\r\x1b\[K20/20 files, 19\.5 KiB, \d+\.\d MiB/s, ETA 0:00", text), repr(text)
    # The line is taken away before the summary.
    assert re.search(r"\r\x1b\[Kimported 20 files, 19\.5 KiB in .*\r\n$", text), repr(text)


def test_export_shows_files_bytes_rate_and_time_left(filled, tmp_path):
    text = on_a_terminal(filled, "export", str(tmp_path / "copy"))
    assert re.search(r"\r\x1b\[K1/20 files, 1,000 bytes, \d+\.\d MiB/s, ETA \d+:\d\d", text), repr(
        text
    )
    assert re.search(r"\r\x1b\[Kexported 20 files, 19\.5 KiB in .*\r\n$", text), repr(text)


@pytest.mark.parametrize("verb", ["import", "export"])
def test_a_pipe_gets_the_summary_only(filled, tmp_path, verb):
    folder = filled.root if verb == "import" else str(tmp_path / "copy")
    result = filled.run(verb, folder)
    assert result.code == 0
    assert result.err.count("\n") == 1
    assert "\r" not in result.err and "\x1b" not in result.err
    assert result.err.startswith(f"{verb}ed 20 files")
