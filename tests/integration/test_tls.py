"""Certificates: whom we trust, and what we show. For servers whose own name an address, or a host."""

from pathlib import Path
from urllib.parse import quote

import pytest
from command import Result, Store
from servers import Server


def _run(server: Server, address: str = "", **parameters: str) -> Result:
    """An empty value takes a parameter away."""
    chosen = {name: text for name, text in (server.tls | parameters).items() if text}
    user = f"{server.role.name}:{quote(server.role.password, safe='')}"
    result = Store(server.uri("certificates", user=user, address=address, **chosen)).run(
        "put", "key", given=b"value"
    )
    assert server.role.password.encode() not in result.out + result.err
    return result


def _works(result: Result) -> None:
    assert (result.code, result.out, result.err) == (0, b"", b""), result


def _refused(result: Result, *words: str) -> None:
    assert (result.code, result.out) == (4, b""), result
    said = result.err.decode()
    assert said.count("\n") == 1, said
    assert all(word in said for word in words), said


@pytest.fixture
def names(server: Server) -> str:
    """What the server's certificate names: "address" or "dns"."""
    names: str = server.told["tls"]["server_names"]
    return names


def test_an_address_is_verified(server: Server, names: str) -> None:
    for result in (_run(server), _run(server, tls_verify="ip")):
        if names == "address":
            _works(result)
        else:
            _refused(result, "certificate")


def test_a_host_name_is_verified(server: Server, names: str) -> None:
    result = _run(server, tls_verify=f"name:{server.told['tls']['dns_name']}")
    if names == "dns":
        _works(result)
    else:
        _refused(result, "certificate")
    _refused(_run(server, tls_verify="name:elsewhere.test"), "certificate")


def test_a_chain_is_verified_whatever_the_name(server: Server) -> None:
    _works(_run(server, tls_verify="chain"))


@pytest.mark.parametrize("verify", ["ip", "chain", "name:cassandra.bytestore.test"])
def test_an_untrusted_authority(server: Server, verify: str) -> None:
    untrusted = server.told["tls"]["untrusted"]["ca"]
    _refused(_run(server, tls_ca=untrusted, tls_verify=verify), "certificate")


def test_tls_that_is_wanted_and_not_offered(server: Server) -> None:
    result = _run(server, tls_ca="", tls_certificate="", tls_key="", connect_timeout="3600s")
    _refused(result, "the server asks for TLS", "tls_ca")


def test_no_client_certificate(server: Server) -> None:
    result = _run(server, tls_certificate="", tls_key="", tls_verify="chain")
    _refused(result, "certificate")


def test_a_client_certificate_of_an_untrusted_authority(server: Server) -> None:
    client = server.told["tls"]["untrusted"]["client"]
    result = _run(
        server, tls_certificate=client["certificate"], tls_key=client["key"], tls_verify="chain"
    )
    _refused(result, "certificate")


def test_without_tls_nothing_is_sent_in_the_open(server: Server) -> None:
    _refused(_run(server, tls_ca="", tls_certificate="", tls_key=""))


def test_files_that_cannot_be_read_are_named(server: Server, tmp_path: Path) -> None:
    missing = str(tmp_path / "missing.pem")
    for parameter in ("tls_ca", "tls_certificate", "tls_key"):
        result = _run(server, **{parameter: missing})
        assert result.code in (2, 4), result
        assert missing.encode() in result.err, result


@pytest.mark.parametrize("verify", ["", "nobody", "name:", "name", "name:not a host"])
def test_other_ways_to_verify_are_refused(server: Server, verify: str) -> None:
    uri = server.uri("certificates", **server.tls, tls_verify=verify)
    result = Store(uri).run("count")
    assert (result.code, result.out) == (2, b""), result
    assert b"tls_verify" in result.err or b"not a host" in result.err, result
