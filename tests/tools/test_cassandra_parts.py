"""The launcher's parts that need no server."""

import doctest
import json
import subprocess
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from cassandra_cluster import (
    addresses,
    cluster,
    jars,
    java,
    node_config,
    processes,
    runtimes,
    settings,
    versions,
)
from cassandra_cluster.cluster import Cluster
from cassandra_cluster.errors import LauncherError
from cassandra_cluster.files import write_atomically
from cassandra_cluster.java import Java
from cassandra_cluster.layout import ClusterFolder
from cassandra_cluster.settings import Settings

ONE_NODE = Settings()


def test_a_process_that_only_shares_the_pid_is_never_signalled(tmp_path: Path) -> None:
    pid_file = tmp_path / "pid"
    processes.spawn(
        ["sleep", "600"],
        folder=tmp_path,
        log=tmp_path / "log",
        pid_file=pid_file,
        environment={"PATH": "/usr/bin:/bin"},
    )
    genuine = pid_file.read_text()
    record = processes.recorded(pid_file)
    assert record is not None
    try:
        for other in (
            replace(record, start_ticks=record.start_ticks - 1),
            replace(record, boot_id="an earlier boot"),
        ):
            write_atomically(
                pid_file,
                genuine.replace(str(record.start_ticks), str(other.start_ticks)).replace(
                    record.boot_id, other.boot_id
                ),
            )
            assert processes.state(pid_file) == "stopped"
            assert processes.kill(pid_file) is False
            assert processes.stop([pid_file], 1) == 0
    finally:
        write_atomically(pid_file, genuine)
        assert processes.state(pid_file) == "running"
        assert processes.kill(pid_file) is True
    assert processes.state(pid_file) == "stopped"


def test_a_paused_process_is_stopped_without_force(tmp_path: Path) -> None:
    pid_file, told = tmp_path / "pid", tmp_path / "log"
    script = 'trap "echo bye; exit" TERM; echo hi; while :; do sleep 0.05; done'
    processes.spawn(
        ["sh", "-c", script],
        folder=tmp_path,
        log=told,
        pid_file=pid_file,
        environment={"PATH": "/usr/bin:/bin"},
    )
    while "hi" not in told.read_text():
        assert processes.state(pid_file) == "running"
    processes.send(pid_file, processes.signal.SIGSTOP)
    assert processes.wait_for_state(pid_file, "paused", 5)
    assert processes.stop([pid_file], 10) == 1
    assert told.read_text() == "hi\nbye\n"


def test_a_launcher_that_is_killed_leaves_no_process_without_a_record(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Killed(BaseException):
        """Stands for the end of the launcher, as soon as the process runs."""

    real = subprocess.Popen

    def start_and_die(*arguments: Any, **options: Any) -> None:
        started.append(real(*arguments, **options))
        raise Killed

    started: list[subprocess.Popen[bytes]] = []
    pid_file = tmp_path / "pid"
    monkeypatch.setattr(processes.subprocess, "Popen", start_and_die)
    with pytest.raises(Killed):
        processes.spawn(
            ["sleep", "600"],
            folder=tmp_path,
            log=tmp_path / "log",
            pid_file=pid_file,
            environment={"PATH": "/usr/bin:/bin"},
        )
    try:
        assert processes.state(pid_file) == "running"
        assert processes.kill(pid_file) is True
    finally:
        started[0].kill()
        started[0].wait()


def test_without_a_record_nothing_runs(tmp_path: Path) -> None:
    (tmp_path / "broken").write_text("12")
    for pid_file in (tmp_path / "none", tmp_path / "broken"):
        assert processes.state(pid_file) == "stopped"
        assert processes.kill(pid_file) is False


@pytest.fixture
def own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return tmp_path


def _claim(state: Path) -> int:
    with addresses.claimed(state, nodes=1, port=9042, first=200) as network:
        write_atomically(state, f'{{"network": {network}}}')
    return network


def test_a_network_is_claimed_until_the_state_file_goes(own_cache: Path) -> None:
    first, second, third = (own_cache / name for name in ("first", "second", "third"))
    assert _claim(first) == 200
    assert _claim(second) == 201
    first.unlink()
    assert _claim(third) == 200


def test_a_network_where_somebody_listens_is_passed_over(own_cache: Path) -> None:
    with addresses.socket.create_server((addresses.address(200, 1), 9042)):
        assert _claim(own_cache / "state") == 201


def test_no_free_network_is_an_error_with_a_remedy() -> None:
    with pytest.raises(LauncherError, match="--port"):
        addresses.pick(range(3), {0, 1}, lambda network: False)


@pytest.mark.parametrize(
    ("nodes", "datacenters", "placed"),
    [
        (None, [], ("datacenter1",)),
        (2, ["here"], ("here", "here")),
        (None, ["east:2", "west:1"], ("east", "east", "west")),
        (3, ["east:2", "west:1"], ("east", "east", "west")),
    ],
)
def test_nodes_are_placed(
    nodes: int | None, datacenters: list[str], placed: tuple[str, ...]
) -> None:
    assert settings.place_nodes(nodes, datacenters) == placed


@pytest.mark.parametrize(
    ("nodes", "datacenters"),
    [
        (0, []),
        (0, ["a"]),
        (10, []),
        (2, ["a:1"]),
        (None, ["a", "b"]),
        (None, ["a:x"]),
        (1, ["a b"]),
    ],
)
def test_wrong_placements_are_refused(nodes: int | None, datacenters: list[str]) -> None:
    with pytest.raises(LauncherError):
        settings.place_nodes(nodes, datacenters)


def test_overrides_keep_their_type_and_reach_into_sections() -> None:
    texts = ("a.b=true", "a.c=5s", "cluster_name=[1]")
    wanted = replace(ONE_NODE, tls="address", overrides=dict(map(settings.parse_override, texts)))
    written = node_config.yaml(ClusterFolder(Path("/b"), "n"), wanted, 3, 1)
    assert written["a"] == {"b": True, "c": "5s"}
    assert written["cluster_name"] == [1]
    numbered = replace(wanted, overrides={"broadcast_rpc_address": "127.1.0.{node}"})
    announced = node_config.yaml(ClusterFolder(Path("/b"), "n"), numbered, 3, 1)
    assert announced["broadcast_rpc_address"] == "127.1.0.1"
    for wrong in ("a", "=1", "A=1", "a..b=1"):
        with pytest.raises(LauncherError):
            settings.parse_override(wrong)


@pytest.mark.parametrize("module", [settings, node_config, versions])
def test_examples_in_docstrings_hold(module: ModuleType) -> None:
    result = doctest.testmod(module)
    assert result.attempted > 0
    assert result.failed == 0


def test_settings_survive_the_state_file() -> None:
    wanted = replace(
        ONE_NODE,
        versions=("4.1.10", "5.0.9"),
        datacenters=("a", "b"),
        auth=True,
        overrides={"k": 1},
    )
    assert Settings.from_json(json.loads(json.dumps(wanted.to_json()))) == wanted


def test_only_some_changes_need_other_data() -> None:
    assert not settings.differences(ONE_NODE, replace(ONE_NODE))
    newer = replace(ONE_NODE, versions=("6.0-alpha2",))
    for served in (replace(ONE_NODE, heap="1g", tls="dns"), newer):
        assert settings.differences(ONE_NODE, served)
        assert not settings.needs_other_data(ONE_NODE, served)
    other = {
        "auth": True,
        "namespaces": True,
        "partitioner": "RandomPartitioner",
        "versions": ("4.1.10",),
    }
    for name, value in other.items():
        assert settings.needs_other_data(ONE_NODE, replace(ONE_NODE, **{name: value})), name


def test_another_release_wants_only_the_nodes_stopped_that_get_it(tmp_path: Path) -> None:
    old = replace(ONE_NODE, versions=("4.1.10", "4.1.10"), datacenters=("a", "a"))
    existing = Cluster(ClusterFolder(tmp_path, "upgraded"), old, network=1, complete=True)
    running = existing.node(2)
    running.folder.root.mkdir(parents=True)
    processes.spawn(
        ["sleep", "600"],
        folder=tmp_path,
        log=tmp_path / "log",
        pid_file=running.folder.pid,
        environment={"PATH": "/usr/bin:/bin"},
    )
    try:
        half = replace(old, versions=("5.0.9", "4.1.10"))
        assert cluster.adapt(existing, half).settings == half
        for refused in (replace(old, versions=("5.0.9", "5.0.9")), replace(half, heap="1g")):
            with pytest.raises(LauncherError, match="is up with another configuration"):
                cluster.adapt(existing, refused)
    finally:
        assert running.kill()


def test_tokens_share_the_ring_evenly() -> None:
    ring = sorted(token for node in (1, 2, 3) for token in node_config.tokens(node, 3))
    assert len(set(ring)) == 48
    assert all(-(2**63) <= token < 2**63 for token in ring)
    gaps = {after - before for before, after in pairwise(ring)}
    assert max(gaps) - min(gaps) <= 1


def test_nodes_in_namespaces_have_addresses_that_a_bridge_can_have() -> None:
    folder = ClusterFolder(Path("/somewhere"), "default")
    written = node_config.yaml(folder, replace(ONE_NODE, namespaces=True), 3, 1)
    assert written["listen_address"] == written["rpc_address"] == "10.127.3.1"
    assert written["seed_provider"][0]["parameters"] == [{"seeds": "10.127.3.1"}]


def test_the_tokens_of_another_partitioner_are_its_own() -> None:
    folder = ClusterFolder(Path("/b"), "n")
    assert "initial_token" in node_config.yaml(folder, ONE_NODE, 3, 1)
    written = node_config.yaml(folder, replace(ONE_NODE, partitioner="RandomPartitioner"), 3, 1)
    assert written["partitioner"] == "org.apache.cassandra.dht.RandomPartitioner"
    assert "initial_token" not in written


def _released(version: str) -> Settings:
    return replace(ONE_NODE, versions=(version,))


@pytest.mark.parametrize(
    ("version", "units", "levels"),
    [
        ("6.0-alpha2", True, True),
        ("5.0.9", True, True),
        ("4.1.10", True, True),
        ("4.0.19", False, False),
        ("3.11.19", False, False),
    ],
)
def test_settings_have_the_names_of_the_release(version: str, units: bool, levels: bool) -> None:
    wanted = replace(_released(version), auth=True)
    written = node_config.yaml(ClusterFolder(Path("/b"), "n"), wanted, 3, 1)
    assert written.get("commitlog_sync_period") == ("10000ms" if units else None)
    assert written.get("commitlog_sync_period_in_ms") == (None if units else 10_000)
    assert ("credentials_validity_in_ms" in written) is not units
    assert ("auth_read_consistency_level" in written) is levels


def test_each_node_is_told_what_its_own_release_knows() -> None:
    mixed = replace(ONE_NODE, versions=("4.0.19", "5.0.9"), datacenters=("a", "a"))
    folder = ClusterFolder(Path("/b"), "n")
    named = [set(node_config.yaml(folder, mixed, 3, number)) for number in (1, 2)]
    assert named[0] - named[1] == {"commitlog_sync_period_in_ms"}
    assert named[1] - named[0] == {"commitlog_sync_period"}


def test_versions_are_given_to_nodes() -> None:
    assert versions.of_each_node(versions.parse("4.1.10"), 3) == ("4.1.10",) * 3
    assert versions.of_each_node(versions.parse("4.1.10,5.0.9"), 2) == ("4.1.10", "5.0.9")
    with pytest.raises(LauncherError, match="2 versions for 3 nodes"):
        versions.of_each_node(("4.1.10", "5.0.9"), 3)
    for wrong in ("5.0", "", "5.0.9,", "5.0.9 "):
        with pytest.raises(LauncherError, match="wants one of 6.0-alpha2, 5.0.9,"):
            versions.parse(wrong)


def test_what_a_release_cannot_do_is_refused() -> None:
    for version in ("4.1.10", "5.0.9", "6.0-alpha2"):
        versions.refuse_what_is_missing((version,) * 3, tls=True)
    for version in ("3.11.19", "4.0.19"):
        versions.refuse_what_is_missing((version,), tls=False)
        with pytest.raises(LauncherError, match=f"PEM, which Cassandra {version} does not read"):
            versions.refuse_what_is_missing((version,), tls=True)
        with pytest.raises(LauncherError, match=f"{version} is started as one node only"):
            versions.refuse_what_is_missing((version, "5.0.9"), tls=False)


@pytest.mark.parametrize("version", versions.RELEASES)
def test_the_jars_of_each_release_are_known(version: str) -> None:
    known = jars.expected(version)
    assert f"cassandra-all-{version}.jar" in known
    assert any(name.startswith("jamm-") for name in known), "no node starts without it"
    assert (f"cassandra-thrift-{version}.jar" in known) is version.startswith("3.11")
    assert all(len(digest) == 64 for digest in known.values())


def test_a_packaged_java_is_asked_for_only_where_none_is_there(
    own_cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    homes = {major: own_cache / f"java-{major}" for major in (11, 17)}
    found = {major: Java(_java_of_version(home, major), major) for major, home in homes.items()}
    monkeypatch.setenv("PATH", str(own_cache))
    monkeypatch.setattr(java, "JVM_FOLDER", own_cache / "none")
    monkeypatch.setattr(jars, "ensure", lambda version: [own_cache / f"{version}.jar"])
    monkeypatch.setenv("JAVA_HOME", str(homes[11]))
    assert runtimes.ensure(["4.1.10"], print)["4.1.10"].java == found[11]

    maker, said = own_cache / "maker", []
    maker.write_text('#!/bin/sh\necho "no such index: $3" >&2; exit 1\n')
    maker.chmod(0o755)
    monkeypatch.setattr(runtimes, "_ENVIRONMENT_MAKER", maker)
    monkeypatch.setenv("JAVA_HOME", str(homes[17]))
    assert runtimes.ensure(["5.0.9"], said.append)["5.0.9"].java == found[17]
    assert not any("pip" in line for line in said)
    with pytest.raises(LauncherError, match=r"Set JAVA_HOME.*\n.*java-11-requirements.txt"):
        runtimes.ensure(["4.1.10"], said.append)
    assert any("a Java 11 with pip" in line for line in said)


def test_missing_tools_name_the_remedy(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("MAVEN_HOME", raising=False)
    with pytest.raises(LauncherError, match="script/bootstrap"):
        java.find_maven()
    monkeypatch.setenv("JAVA_HOME", str(tmp_path))
    monkeypatch.setattr(java, "JVM_FOLDER", tmp_path)
    with pytest.raises(LauncherError, match="needs a JDK 17 or 21.*script/bootstrap"):
        java.find_java()


def _java_of_version(home: Path, major: int) -> Path:
    """A command that says what a `java` of that version says, in `home`/bin."""
    command = home / "bin" / "java"
    command.parent.mkdir(parents=True)
    command.write_text(f"#!/bin/sh\necho 'openjdk version \"{major}.0.1\" 2025-01-01' >&2\n")
    command.chmod(0o755)
    return command


@pytest.mark.parametrize(
    ("home", "on_path", "installed", "found"),
    [
        (None, 17, [], ("path", 17)),
        (None, 21, [], ("path", 21)),
        (None, 21, [17, 21], ("jvm/java-17", 17)),
        (None, 25, [21, 25], ("jvm/java-21", 21)),
        (21, 17, [17], ("home", 21)),
        (25, 21, [17], ("jvm/java-17", 17)),
        (25, 21, [25], ("path", 21)),
    ],
)
def test_java_of_the_user_else_the_best_is_found(
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    home: int | None,
    on_path: int,
    installed: list[int],
    found: tuple[str, int],
) -> None:
    monkeypatch.delenv("JAVA_HOME", raising=False)
    if home:
        _java_of_version(tmp_path / "home", home)
        monkeypatch.setenv("JAVA_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("PATH", f"{_java_of_version(tmp_path / 'path', on_path).parent}:/bin")
    monkeypatch.setattr(java, "JVM_FOLDER", tmp_path / "jvm")
    for major in installed:
        _java_of_version(tmp_path / "jvm" / f"java-{major}", major)
    place, major = found
    assert java.find_java() == Java(tmp_path / place / "bin" / "java", major)


def test_a_java_without_security_managers_is_refused_by_name(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    command = _java_of_version(tmp_path / "path", 25)
    monkeypatch.delenv("JAVA_HOME", raising=False)
    monkeypatch.setenv("PATH", f"{command.parent}:/bin")
    monkeypatch.setattr(java, "JVM_FOLDER", tmp_path / "jvm")
    with pytest.raises(LauncherError, match=rf"Found only {command} \(version 25\)"):
        java.find_java()


@pytest.mark.parametrize(("major", "allowed"), [(17, False), (18, True), (21, True)])
def test_a_security_manager_is_allowed_where_java_refuses_one(
    tmp_path: Path, major: int, allowed: bool
) -> None:
    folder = ClusterFolder(tmp_path, "one")
    arguments = node_config.jvm_arguments(folder, ONE_NODE, 1, [tmp_path / "a.jar"], major)
    assert ("-Djava.security.manager=allow" in arguments) is allowed
    assert arguments[-1] == "org.apache.cassandra.service.CassandraDaemon"


@pytest.mark.parametrize(
    "arguments",
    [
        ["up", "--node", "1"],
        ["up", "--tls-names", "x"],
        ["up", "--partitioner", "OrderPreservingPartitioner"],
        ["log"],
        ["fly"],
        ["log", "1", "--lines", "-1"],
    ],
)
def test_unknown_input_is_refused(arguments: list[str]) -> None:
    tool = Path(node_config.__file__).parents[1] / "cassandra"
    assert subprocess.run([tool, *arguments], capture_output=True).returncode == 2
