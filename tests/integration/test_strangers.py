"""What answers at a contact point and is not what a session expects. Connecting has an hour: what
is told only at the end of its time does not end here."""

import http.server
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from socketserver import BaseRequestHandler, ThreadingTCPServer

import pytest
from command import Store
from servers import Server


class _Quiet(http.server.BaseHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        pass


class _Banner(BaseRequestHandler):
    """Speaks first, as SSH does, and listens until the client has gone."""

    def handle(self) -> None:
        self.request.sendall(b"SSH-2.0-OpenSSH_9.2\r\n")
        while self.request.recv(1024):
            pass


class _OnlyVersionFive(BaseRequestHandler):
    """As Cassandra with `native_transport_allow_older_protocols: false`: its error is of version 5."""

    def handle(self) -> None:
        words = b"Invalid or unsupported protocol version (4); supported versions are (5/v5)"
        body = (0x000A).to_bytes(4, "big") + len(words).to_bytes(2, "big") + words
        if request := self.request.recv(1024):
            header = bytes([0x85, 0, *request[2:4], 0x00]) + len(body).to_bytes(4, "big")
            self.request.sendall(header + body)


class _HangsUp(BaseRequestHandler):
    """As a forwarder whose server does not run."""

    def handle(self) -> None:
        pass


@contextmanager
def _listening(handler: type[BaseRequestHandler]) -> Iterator[str]:
    with ThreadingTCPServer(("127.0.0.1", 0), handler) as server:
        server.daemon_threads = True
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"127.0.0.1:{server.server_address[1]}"
        server.shutdown()


def _refusal(uri: str) -> str:
    result = Store(f"{uri}&connect_timeout=3600s").run("get", "key")
    assert (result.code, result.out) == (4, b""), result
    said = result.err.decode()
    assert said.count("\n") == 1, said
    return said


@pytest.fixture
def ca(tmp_path: Path) -> Path:
    """The certificate of an authority that nobody knows."""
    path = tmp_path / "ca.pem"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=nobody"]
        + ["-keyout", tmp_path / "key.pem", "-out", path],
        check=True,
        capture_output=True,
    )
    return path


@pytest.mark.parametrize("uses_tls", [False, True])
def test_something_else_is_named_at_once(ca: Path, uses_tls: bool) -> None:
    for handler, words in [
        (_Quiet, "not Cassandra but an HTTP server"),
        (_Banner, 'not Cassandra but an SSH server, which says "SSH-2.0-OpenSSH_9.2"'),
    ]:
        with _listening(handler) as address:
            tls = f"&tls_ca={ca}" if uses_tls else ""
            said = _refusal(f"cassandra://{address}/app?table=t{tls}")
        assert f"{address}: what answers there is {words}" in said


def test_a_server_that_takes_only_a_newer_protocol_is_told_with_the_setting() -> None:
    with _listening(_OnlyVersionFive) as address:
        said = _refusal(f"cassandra://{address}/app?table=t")
    assert address in said
    assert "native_transport_allow_older_protocols" in said


@pytest.mark.parametrize("uses_tls", [False, True])
def test_connections_that_are_ended_at_once_are_told(ca: Path, uses_tls: bool) -> None:
    with _listening(_HangsUp) as address:
        tls = f"&tls_ca={ca}" if uses_tls else ""
        said = _refusal(f"cassandra://{address}/app?table=t{tls}")
    assert f"{address}: connections are accepted there and ended at once" in said


def test_a_server_without_tls_is_told_from_one_with_another_certificate(
    server: Server, ca: Path
) -> None:
    said = _refusal(server.uri("strangers", tls_ca=str(ca)))
    assert "the server does not use TLS" in said
    assert "leave tls_ca away" in said
