"""Passwords: accepted, refused, and never printed."""

from pathlib import Path
from urllib.parse import quote

import pytest
from command import Result, Store
from servers import Role, Server

# Has what a shell, a URI or a log might break or print by mistake. No server knows it.
WRONG = "wr0ng & s3cret/?#%:@ pässword"

WAYS = ("uri", "environment", "file")


def _run(
    server: Server, way: str, role: Role, *arguments: str, folder: Path, address: str = ""
) -> Result:
    """Runs the command with credentials that are given in one of the ways."""
    user, password = quote(role.name, safe=""), quote(role.password, safe="")
    parameters = dict(server.tls)
    environment: dict[str, str] = {}
    match way:
        case "uri":
            user += f":{password}"
        case "environment":
            environment = {"CASSANDRA_PASSWORD": role.password}
        case "file":
            path = folder / "password"
            path.touch(mode=0o600)
            path.write_text(role.password + "\n", encoding="utf-8")
            parameters["password_file"] = str(path)
    uri = server.uri("credentials", user=user, address=address, **parameters)
    result = Store(uri).run(*arguments, given=b"value", environment=environment)
    said = result.out + result.err
    for form in (role.password, password, quote(role.password)):
        assert form.encode() not in said, result
    assert b"s3cret" not in said, result
    return result


@pytest.mark.parametrize("way", WAYS)
def test_the_right_password(server: Server, way: str, tmp_path: Path) -> None:
    for arguments in (("put", "key"), ("get", "key"), ("count",)):
        result = _run(server, way, server.role, *arguments, folder=tmp_path)
        assert result.code == 0, result
        assert result.err == b""


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("arguments", [("put", "key"), ("get", "key"), ("count",)])
def test_a_wrong_password(
    server: Server, way: str, arguments: tuple[str, ...], tmp_path: Path
) -> None:
    role = Role(server.role.name, WRONG)
    _refused(_run(server, way, role, *arguments, folder=tmp_path), "password")


def test_a_user_that_is_not_there(server: Server, tmp_path: Path) -> None:
    _refused(_run(server, "uri", Role("nobody", WRONG), "count", folder=tmp_path), "password")


def test_no_password(server: Server) -> None:
    for user in ("", server.role.name):
        uri = server.uri("credentials", user=user, **server.tls)
        _refused(Store(uri).run("count"), "password")


def test_a_file_that_is_not_there(server: Server, tmp_path: Path) -> None:
    missing = str(tmp_path / "missing")
    uri = server.uri("credentials", user=server.role.name, password_file=missing, **server.tls)
    result = Store(uri).run("count")
    assert (result.code, result.out) == (2, b""), result
    assert missing.encode() in result.err


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o600])
def test_a_file_that_others_can_read(server: Server, mode: int, tmp_path: Path) -> None:
    """It works, and the command says so."""
    path = tmp_path / "password"
    path.write_text(server.role.password, encoding="ascii")
    path.chmod(mode)
    parameters = {"password_file": str(path)} | server.tls
    result = Store(server.uri("credentials", user=server.role.name, **parameters)).run("count")
    assert result.code == 0, result
    said = result.err.decode()
    assert server.role.password not in said
    if mode == 0o600:
        assert said == ""
    else:
        assert said.count("\n") == 1 and "warning: other users can read" in said, said
        assert str(path) in said


@pytest.mark.parametrize("way", WAYS)
def test_nobody_listens(server: Server, way: str, tmp_path: Path) -> None:
    role = Role(server.role.name, WRONG)
    result = _run(server, way, role, "count", folder=tmp_path, address="127.0.0.1:1")
    _refused(result, "127.0.0.1:1")


@pytest.mark.parametrize(
    "broken",
    [
        "cassandra://name:{}@",
        "cassandra://name:{}@/",
        "cassandra://name:{}@host",
        "cassandra://name:{}@host/keyspace",
        "cassandra://name:{}@/keyspace?table=t",
        "cassandra://name:{}@host:port/keyspace?table=t",
        "cassandra://name:{}@host/keyspace/more?table=t",
        "cassandra://name:{}@host/keyspace?table=t&tabel=1",
        "cassandra://name:{}@host/keyspace?table=t&setup=maybe",
        "cassandra://name:{}@host/keyspace?table=t&setup=off&setup=off",
        "cassandra://name:{}@host/keyspace?table=t&%",
        "cassandra://name:{}@host/keyspace?table=t&password_file=p",
        "cassandra://name:{}@host/keyspace?table=t&password_file={}",
        "cassandra://name:{}@,/keyspace?table=t",
        "cassandra://name:{}@:9042/keyspace?table=t",
        "cassandra://name:{}@host:/keyspace?table=t",
        "cassandra://name:{}@host:99999/keyspace?table=t",
        "cassandra://name:{}@[::1/keyspace?table=t",
        "cassandra://name:{}%40host/keyspace?table=t",
        "cassandra://name:{}%40host:9042/keyspace?table=t",
        "cassandra://name:{}%40@host:port/keyspace?table=t",
        "cassandra://:{}@host/keyspace?table=t",
        "cassandra://name:{}@host?table=t",
        "cassandra://host/keyspace?table=t&password_file={}",
        "cassandra://{}",
        "cassandra:{}@host",
        "cassandra://name:{}@host/keyspace?table=t&tls_key=k",
        "cassandra://name:{}:{}@host/keyspace?table=t",
        "cassandra:name:{}@host/keyspace?table=t",
        "casandra://name:{}@host/keyspace?table=t",
        "cassandra://host/keyspace?table=t&password={}",
    ],
)
def test_a_uri_that_makes_no_sense(broken: str) -> None:
    """However the password is written."""
    for password in (quote(WRONG, safe=""), WRONG):
        result = Store(broken.replace("{}", password)).run("count")
        assert (result.code, result.out) == (2, b""), result
        _says_nothing_of_it(result)


@pytest.mark.parametrize(
    "broken",
    [
        "cassandra://name@",
        "cassandra://name@/keyspace?table=t",
        "cassandra://name@host:port/keyspace?table=t",
        "cassandra://name%40host/keyspace?table=t",
        "cassandra://name@host/keyspace?table=t&tabel=1",
        "cassandra://name@host/keyspace",
    ],
)
def test_a_uri_that_makes_no_sense_with_the_password_elsewhere(broken: str, tmp_path: Path) -> None:
    file = tmp_path / "password"
    file.write_text(WRONG, encoding="utf-8")
    in_file = f"{broken}{'&' if '?' in broken else '?'}password_file={quote(str(file))}"
    for uri, environment in ((broken, {"CASSANDRA_PASSWORD": WRONG}), (in_file, {})):
        result = Store(uri).run("count", environment=environment)
        assert (result.code, result.out) == (2, b""), result
        _says_nothing_of_it(result)


def _says_nothing_of_it(result: Result) -> None:
    for part in ("wr0ng", "s3cret", "ässword", "A4ssword"):
        assert part.encode() not in result.out + result.err, result


def _refused(result: Result, *words: str) -> None:
    """By the server, or by its absence: one line that says why."""
    assert (result.code, result.out) == (4, b""), result
    said = result.err.decode()
    assert said.count("\n") == 1, said
    assert all(word in said for word in words), said
