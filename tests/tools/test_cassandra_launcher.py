"""tools/cassandra against the real server; about a minute in all.

The order matters where a test stops nodes for good: those stand at the end.
"""

import os
import shutil
import signal
import ssl
import stat
import subprocess
import time
from pathlib import Path
from typing import Any

import pytest
from cassandra_cluster import jars
from cassandra_cluster.cql import ALL, BadCredentials, Connection, CqlError, Credentials
from cassandra_command import Launcher

UNAUTHORIZED = 0x2100


def connect(cluster: dict[str, Any], node: int = 1, **options: Any) -> Connection:
    return Connection(cluster["contact_points"][node - 1], cluster["port"], **options)


def trusting(
    cluster: dict[str, Any], ca: str | None = None, client: dict[str, str] | None = None
) -> ssl.SSLContext:
    """TLS that checks the chain and the address of the server."""
    context = ssl.create_default_context(cafile=ca or cluster["tls"]["ca"])
    if client:
        context.load_cert_chain(client["certificate"], client["key"])
    return context


def password(cluster: dict[str, Any], role: str = "user") -> Credentials:
    """`role` is "user" or "superuser"."""
    key = {"user": "password_file", "superuser": "superuser_password_file"}[role]
    return Credentials(cluster["auth"][role], Path(cluster["auth"][key]).read_text())


def sign_in(cluster: dict[str, Any], credentials: Credentials | None, node: int = 1) -> Connection:
    return connect(
        cluster,
        node,
        credentials=credentials,
        tls=trusting(cluster, client=cluster["tls"]["client"]),
    )


def pids(cluster: dict[str, Any]) -> list[int | None]:
    return [node["pid"] for node in cluster["nodes"]]


def is_alive(pid: int) -> bool:
    """False also for a process that has ended and whose parent has not noticed."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] not in "ZX"
    except FileNotFoundError:
        return False


# One node


def test_up_gives_a_node_that_answers_cql(plain: dict[str, Any]) -> None:
    assert plain["state"] == "up"
    with connect(plain) as connection:
        [[version, datacenter]] = connection.query(
            "SELECT release_version, data_center FROM system.local"
        )
    assert version == plain["version"].encode()
    assert datacenter == plain["datacenter"].encode() == b"datacenter1"


def test_up_again_uses_what_runs(launcher: Launcher, plain: dict[str, Any]) -> None:
    launcher.ok("up", name="plain")
    assert pids(launcher.status("plain")) == pids(plain)


def test_up_with_another_configuration_names_the_remedy(
    launcher: Launcher, plain: dict[str, Any]
) -> None:
    message = launcher.refused("up", "--nodes", 2, name="plain")
    assert "tools/cassandra down --name plain --purge" in message
    assert pids(launcher.status("plain")) == pids(plain)


def test_a_paused_node_does_not_answer_until_resumed(
    launcher: Launcher, plain: dict[str, Any]
) -> None:
    launcher.ok("pause", 1, name="plain")
    paused = launcher.run("status", "--json", name="plain")
    with pytest.raises(TimeoutError):
        connect(plain, seconds=0.5)
    launcher.ok("resume", 1, name="plain")
    with connect(plain) as connection:
        assert connection.query("SELECT key FROM system.local")
    assert paused.returncode == 3
    assert '"paused"' in paused.stdout


def test_a_killed_node_comes_back_with_its_data(launcher: Launcher, plain: dict[str, Any]) -> None:
    with connect(plain) as connection:
        connection.query(
            "CREATE KEYSPACE kept WITH replication = "
            "{'class': 'SimpleStrategy', 'replication_factor': 1}"
        )
        connection.query("CREATE TABLE kept.t (row_id text PRIMARY KEY, body_blob blob)")
        connection.query("INSERT INTO kept.t (row_id, body_blob) VALUES ('a', 0x00ff)")
    assert "is running" in launcher.refused("replace", 1, name="plain")
    for _ in range(2):
        [pid] = pids(launcher.status("plain"))
        launcher.ok("kill", 1, name="plain")
        assert not is_alive(pid)
        assert launcher.status("plain")["state"] == "down"
        with pytest.raises(ConnectionError):  # refused, or reset while the kernel clears up
            connect(plain)
        assert "one node" in launcher.refused("replace", 1, name="plain")

        launcher.ok("start", 1, name="plain")
        with connect(plain) as connection:
            assert connection.query("SELECT body_blob FROM kept.t WHERE row_id = 'a'") == [
                [b"\x00\xff"]
            ]


def test_a_node_joins_with_its_share_of_the_data_and_leaves_it(
    launcher: Launcher, plain: dict[str, Any]
) -> None:
    rows = [[str(i).encode()] for i in range(200)]
    [alone] = pids(launcher.status("plain"))
    with connect(plain) as connection:
        connection.query(
            "CREATE KEYSPACE shared WITH replication = "
            "{'class': 'SimpleStrategy', 'replication_factor': 1}"
        )
        connection.query("CREATE TABLE shared.t (row_id text PRIMARY KEY)")
        for [key] in rows:
            connection.query(f"INSERT INTO shared.t (row_id) VALUES ('{key.decode()}')")
    assert "began with stay" in launcher.refused("leave", name="plain")
    launcher.ok("join", name="plain")
    grown = launcher.status("plain")
    assert grown["state"] == "up"
    assert pids(grown)[0] == alone
    launcher.ok("up", "--nodes", 2, name="plain")
    assert pids(launcher.status("plain")) == pids(grown), "it is a cluster of two now"
    newcomer = {**plain, "contact_points": grown["contact_points"]}
    with connect(newcomer, node=2) as connection:
        assert sorted(connection.query("SELECT row_id FROM shared.t")) == sorted(rows)
    assert "Bootstrap completed" in launcher.ok("log", 2, "--lines", 0, name="plain")
    launcher.ok("leave", name="plain")
    assert not is_alive(pids(grown)[1])
    assert pids(launcher.status("plain")) == [alone]
    with connect(plain) as connection:
        assert sorted(connection.query("SELECT row_id FROM shared.t")) == sorted(rows)


def test_log_prints_the_end_of_the_servers_log(launcher: Launcher, plain: dict[str, Any]) -> None:
    assert "StorageService" in launcher.ok("log", 1, "--lines", 0, name="plain")
    assert len(launcher.ok("log", 1, "--lines", 3, name="plain").splitlines()) == 3
    assert "no node 2" in launcher.refused("log", 2, name="plain")


# A second cluster beside it, with passwords and TLS


def test_clusters_stand_side_by_side(
    launcher: Launcher, plain: dict[str, Any], secure: dict[str, Any]
) -> None:
    assert launcher.status("plain")["state"] == launcher.status("secure")["state"] == "up"
    assert not set(plain["contact_points"]) & set(secure["contact_points"])


def test_every_node_sees_the_others_alive(secure: dict[str, Any]) -> None:
    for node, (datacenter, other) in enumerate([(b"east", b"west"), (b"west", b"east")], start=1):
        with sign_in(secure, password(secure, "superuser"), node) as connection:
            assert connection.query("SELECT data_center FROM system.local") == [[datacenter]]
            assert connection.query("SELECT data_center FROM system.peers_v2") == [[other]]
            connection.query("SELECT role FROM system_auth.roles", ALL)


def test_the_right_password_gives_an_ordinary_role(secure: dict[str, Any]) -> None:
    with sign_in(secure, password(secure)) as connection:
        connection.query(
            "CREATE KEYSPACE own WITH replication = "
            "{'class': 'SimpleStrategy', 'replication_factor': 2}"
        )
        with pytest.raises(CqlError) as refusal:
            connection.query("CREATE ROLE other")
    assert refusal.value.code == UNAUTHORIZED


@pytest.mark.parametrize(
    "credentials", [None, Credentials("bytestore", "wrong"), Credentials("cassandra", "cassandra")]
)
def test_other_credentials_are_refused(
    secure: dict[str, Any], credentials: Credentials | None
) -> None:
    with pytest.raises(BadCredentials):
        sign_in(secure, credentials)


def test_passwords_are_in_private_files_and_nowhere_else(
    launcher: Launcher, secure: dict[str, Any]
) -> None:
    secrets = [password(secure, role) for role in ("user", "superuser")]
    files = [Path(path) for key, path in secure["auth"].items() if key.endswith("_file")]
    assert [stat.S_IMODE(path.stat().st_mode) for path in files] == [0o600, 0o600]
    told = "".join(launcher.ok("status", output, name="secure") for output in ("--json", "--env"))
    others = [
        path
        for path in Path(secure["folder"]).rglob("*")
        if path.suffix in (".json", ".yaml", ".log", ".args")
    ]
    written = told + "".join(path.read_text(errors="replace") for path in others)
    assert len(others) > 4
    assert not any(secret.password in written for secret in secrets)


def test_the_environment_can_be_evaluated(launcher: Launcher, secure: dict[str, Any]) -> None:
    script = (
        launcher.ok("status", "--env", name="secure")
        + 'echo "$CASSANDRA_CONTACT_POINTS $CASSANDRA_PASSWORD"'
    )
    told = subprocess.run(
        ["sh", "-c", script], capture_output=True, text=True, check=True
    ).stdout.strip()
    assert told == f"{','.join(secure['contact_points'])} {password(secure).password}"


def test_tls_wants_a_client_certificate_of_the_right_ca(secure: dict[str, Any]) -> None:
    def answer(tls: ssl.SSLContext | None) -> list[list[bytes | None]]:
        with connect(secure, credentials=password(secure), tls=tls) as connection:
            return connection.query("SELECT key FROM system.local")

    untrusted = secure["tls"]["untrusted"]
    assert answer(trusting(secure, client=secure["tls"]["client"]))
    for refused in (None, trusting(secure), trusting(secure, client=untrusted["client"])):
        with pytest.raises(OSError):
            answer(refused)
    with pytest.raises(ssl.SSLCertVerificationError):
        answer(trusting(secure, ca=untrusted["ca"], client=secure["tls"]["client"]))


def test_settings_reach_the_server(secure: dict[str, Any]) -> None:
    with sign_in(secure, password(secure, "superuser")) as connection:
        rows = connection.query(
            "SELECT value FROM system_views.settings WHERE name = 'batch_size_fail_threshold'"
        )
    assert rows == [[b"60KiB"]]


def test_a_login_works_while_another_node_is_dead(
    launcher: Launcher, secure: dict[str, Any]
) -> None:
    launcher.ok("kill", 1, name="secure")
    assert launcher.status("secure")["state"] == "partial"
    with sign_in(secure, password(secure), node=2) as connection:
        assert connection.query("SELECT key FROM system.local")


def test_up_completes_a_cluster_with_a_dead_node(
    launcher: Launcher, secure: dict[str, Any]
) -> None:
    launcher.ok("up", *_options(secure), name="secure")
    status = launcher.status("secure")
    assert status["state"] == "up"
    assert pids(status)[1] == pids(secure)[1]


def test_a_cluster_with_certificates_cannot_grow(
    launcher: Launcher, secure: dict[str, Any]
) -> None:
    assert "--tls" in launcher.refused("join", name="secure")
    assert pids(launcher.status("secure"))[1] == pids(secure)[1]


# Starts that fail


def test_a_server_that_refuses_its_configuration_is_shown_and_leaves_no_process(
    launcher: Launcher,
) -> None:
    message = launcher.refused("up", "--set", "no_such_setting=1", name="refused")
    assert "no_such_setting" in message
    assert "its server has ended" in message
    assert launcher.status("refused")["state"] == "absent"


def test_an_interrupted_start_leaves_no_process(launcher: Launcher) -> None:
    pid_file = launcher.build / "cassandra" / "cut" / "node1" / "pid"
    running = subprocess.Popen(
        launcher.command("up", name="cut"), stderr=subprocess.PIPE, text=True
    )
    while not pid_file.exists():
        assert running.poll() is None
        time.sleep(0.01)
    pid = int(pid_file.read_text().split('"pid": ')[1].split(",")[0])
    assert is_alive(pid)
    running.send_signal(signal.SIGTERM)
    _, message = running.communicate()
    assert running.returncode == 128 + signal.SIGTERM
    assert "SIGTERM" in message and "Traceback" not in message
    assert not is_alive(pid)
    assert launcher.status("cut")["state"] == "absent"


def test_a_jar_with_another_checksum_is_refused(
    launcher: Launcher, plain: dict[str, Any], tmp_path: Path
) -> None:
    version = plain["version"]
    fetched = jars.folder(version)
    changed = tmp_path / "bytestore" / fetched.name
    changed.mkdir(parents=True)
    for jar in jars.expected(version):
        (changed / jar).symlink_to(fetched / jar)
    victim = changed / f"cassandra-all-{version}.jar"
    victim.unlink()
    shutil.copyfile(fetched / victim.name, victim)
    with victim.open("r+b") as stream:
        stream.write(b"\0")

    other = Launcher(launcher.build, {**os.environ, "XDG_CACHE_HOME": str(tmp_path)})
    message = other.refused("up", name="tampered")
    assert victim.name in message and "SHA-256" in message
    assert other.status("tampered")["state"] == "absent"


# Stopping


def test_down_stops_only_its_own_and_keeps_the_data(
    launcher: Launcher, plain: dict[str, Any], secure: dict[str, Any]
) -> None:
    [pid] = pids(launcher.status("plain"))
    others = pids(launcher.status("secure"))
    launcher.ok("down", name="plain")
    assert not is_alive(pid)
    assert launcher.status("plain")["state"] == "down"
    assert pids(launcher.status("secure")) == others

    launcher.ok("up", name="plain")
    with connect(plain) as connection:
        assert connection.query("SELECT row_id FROM kept.t") == [[b"a"]]


def test_purge_removes_everything(launcher: Launcher, plain: dict[str, Any]) -> None:
    [pid] = pids(launcher.status("plain"))
    launcher.ok("down", "--purge", name="plain")
    assert not is_alive(pid)
    assert not Path(plain["folder"]).exists()
    assert launcher.status("plain")["state"] == "absent"


def _options(cluster: dict[str, Any]) -> list[str]:
    """The options of `up` that the fixture `secure` used."""
    datacenters = [
        word for node in cluster["nodes"] for word in ("--dc", f"{node['datacenter']}:1")
    ]
    overrides = [
        word for key, value in cluster["settings"].items() for word in ("--set", f"{key}={value}")
    ]
    return [*datacenters, *overrides, "--auth", "--tls"]
