"""What a node is told: cassandra.yaml, the JVM's arguments, the log's format. No I/O.

All that is not set here stays as Cassandra has it by default, its limits and warnings above all.
"""

from pathlib import Path
from typing import Any

from . import addresses, tls
from .layout import ClusterFolder, NodeFolder
from .settings import PARTITIONERS, Settings
from .versions import RELEASES, Release

_TOKENS_PER_NODE = 16
_RING_DELAY_MS = (
    2500  # how long nodes that start together wait for each other; with 0 they die alone
)
_ROLE_RETRY_MS = 200  # also how soon a node tries again while others are missing; with 0 it spins

# From this version on, Java refuses the security manager that Cassandra sets when it starts, unless
# it is told to allow one, as earlier versions do by default.
_REFUSES_SECURITY_MANAGERS = 18

# What Cassandra 5.0 needs opened on a Java 17 or later, as its own options file for 17 lists; 6.0 needs
# the same, and what earlier releases need on a Java 11 is among it. A Java warns of what it lacks.
_EXPORTS = (
    "java.base/java.lang.ref",
    "java.base/jdk.internal.misc",
    "java.management.rmi/com.sun.jmx.remote.internal.rmi",
    "java.rmi/sun.rmi.registry",
    "java.rmi/sun.rmi.server",
    "java.sql/java.sql",
    "jdk.attach/sun.tools.attach",
    "jdk.compiler/com.sun.tools.javac.file",
    "jdk.unsupported/sun.misc",
)
_OPENS = (
    "java.base/java.io",
    "java.base/java.lang",
    "java.base/java.lang.module",
    "java.base/java.lang.reflect",
    "java.base/java.util",
    "java.base/jdk.internal.loader",
    "java.base/jdk.internal.math",
    "java.base/jdk.internal.module",
    "java.base/jdk.internal.ref",
    "java.base/jdk.internal.reflect",
    "java.base/jdk.internal.util.jar",
    "java.base/sun.nio.ch",
    "jdk.compiler/com.sun.tools.javac",
    "jdk.management/com.sun.management.internal",
)

LOGBACK = """\
<configuration>
  <appender name="STDOUT" class="ch.qos.logback.core.ConsoleAppender">
    <encoder>
      <pattern>%-5level [%thread] %date{ISO8601} %F:%L - %msg%n</pattern>
    </encoder>
  </appender>
  <root level="INFO">
    <appender-ref ref="STDOUT"/>
  </root>
</configuration>
"""


def yaml(
    folder: ClusterFolder, settings: Settings, network: int, number: int, replaces: bool = False
) -> dict[str, Any]:
    """cassandra.yaml of node `number`, as JSON types (JSON is YAML). One that replaces the node that
    it was gets its data from the others."""
    node = folder.node(number)

    def address(number: int) -> str:
        return addresses.address(network, number, in_namespace=settings.namespaces)

    own = address(number)
    release = RELEASES[settings.versions[number - 1]]
    founders = [address(n + 1) for n in range(settings.founders)]
    # A seed would begin without data.
    seeds = ",".join(founder for founder in founders if not (replaces and founder == own))
    joins = replaces or number > settings.founders
    content: dict[str, Any] = {
        "cluster_name": folder.name,
        "partitioner": f"org.apache.cassandra.dht.{settings.partitioner}",
        "endpoint_snitch": "GossipingPropertyFileSnitch",
        "num_tokens": _TOKENS_PER_NODE,
        "auto_bootstrap": joins,
        "seed_provider": [
            # Every founder is a seed: they start in any order, and again without the others.
            {
                "class_name": "org.apache.cassandra.locator.SimpleSeedProvider",
                "parameters": [{"seeds": seeds}],
            }
        ],
        "listen_address": own,
        "rpc_address": own,
        "start_native_transport": True,
        "native_transport_port": settings.port,
        "storage_port": addresses.STORAGE_PORT,
        "data_file_directories": [str(node.data / "data")],
        "commitlog_directory": str(node.data / "commitlog"),
        "hints_directory": str(node.data / "hints"),
        "saved_caches_directory": str(node.data / "saved_caches"),
        "cdc_raw_directory": str(node.data / "cdc_raw"),
        "commitlog_sync": "periodic",
    }
    content |= _durations(release, {"commitlog_sync_period": 10_000})
    # Who joins takes some of each other node's share, and another partitioner has other tokens.
    if not joins and settings.partitioner == PARTITIONERS[0]:
        content["initial_token"] = ",".join(map(str, tokens(number, settings.founders)))
    if settings.auth:
        content |= {
            "authenticator": "PasswordAuthenticator",
            "authorizer": "CassandraAuthorizer",
        }
        # A changed or dropped password holds at once.
        content |= _durations(release, {"credentials_validity": 0})
        if release.own_replication:
            # Written everywhere and read anywhere: a login works as long as one node lives, so that
            # what a fault test sees is the fault. Changing roles needs every node.
            content |= {"auth_write_consistency_level": "ALL", "auth_read_consistency_level": "ONE"}
    if settings.tls:
        content["client_encryption_options"] = tls.encryption_options(folder.tls, settings.tls)
    for key, value in settings.overrides.items():
        if isinstance(value, str):
            value = value.replace("{node}", str(number))
        _set(content, key.split("."), value)
    return content


def _durations(release: Release, milliseconds: dict[str, int]) -> dict[str, Any]:
    """Settings of these values, under the names that they have in that release."""
    if release.durations_with_units:
        return {name: f"{value}ms" for name, value in milliseconds.items()}
    return {f"{name}_in_ms": value for name, value in milliseconds.items()}


def tokens(number: int, nodes: int) -> list[int]:
    """Tokens of one node such that all nodes share the ring evenly and take turns on it.

    >>> tokens(1, 1)[0] == -(2**63) and len(tokens(1, 1)) == 16
    True
    """
    total = _TOKENS_PER_NODE * nodes
    return [
        -(2**63) + (nth * nodes + number - 1) * 2**64 // total for nth in range(_TOKENS_PER_NODE)
    ]


def jvm_arguments(
    folder: ClusterFolder, settings: Settings, number: int, jars: list[Path], java_major: int
) -> list[str]:
    """All that follows a `java` of that version on the command line, the main class included."""
    node = folder.node(number)
    arguments = _memory_and_speed(settings)
    arguments += [f"-javaagent:{jar}" for jar in jars if jar.name.startswith("jamm-")]
    arguments += [
        "-XX:+ExitOnOutOfMemoryError",
        "-XX:-UsePerfData",
        f"-XX:ErrorFile={node.log.parent}/hs_err.log",
    ]
    arguments += [f"--add-exports={package}=ALL-UNNAMED" for package in _EXPORTS]
    arguments += [f"--add-opens={package}=ALL-UNNAMED" for package in _OPENS]
    properties = _properties(node, settings)
    if java_major >= _REFUSES_SECURITY_MANAGERS:
        properties["java.security.manager"] = "allow"
    arguments += [f"-D{name}={value}" for name, value in properties.items()]
    arguments += ["-cp", ":".join([str(node.conf), *map(str, jars)])]
    return [*arguments, "org.apache.cassandra.service.CassandraDaemon"]


def replacing(arguments: list[str], address: str) -> list[str]:
    """What `jvm_arguments` returned, for a node without data in place of the one at `address`."""
    *options, main_class = arguments
    properties = {
        "cassandra.replace_address_first_boot": address,
        "cassandra.broadcast_interval_ms": 1_000,  # how long it looks whether that one is alive
    }
    return [*options, *(f"-D{name}={value}" for name, value in properties.items()), main_class]


def rack(datacenter: str) -> str:
    """cassandra-rackdc.properties."""
    return f"dc={datacenter}\nrack=rack1\n"


def _memory_and_speed(settings: Settings) -> list[str]:
    heap = [f"-Xms{settings.heap}", f"-Xmx{settings.heap}"]
    if settings.bench:
        return [*heap, "-XX:+UseG1GC", "-XX:+AlwaysPreTouch"]
    return [*heap, "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"]


def _properties(node: NodeFolder, settings: Settings) -> dict[str, object]:
    alone = settings.nodes == 1
    return {
        "java.io.tmpdir": node.temporary,
        "jdk.attach.allowAttachSelf": "true",
        "io.netty.tryReflectionSetAccessible": "true",
        "logback.configurationFile": node.conf / "logback.xml",
        "cassandra.config": (node.conf / "cassandra.yaml").as_uri(),
        "cassandra-rackdc.properties": (node.conf / "cassandra-rackdc.properties").as_uri(),
        "cassandra.storagedir": node.data,
        "cassandra-foreground": "yes",
        # Seconds. Tests need not wait for five minutes, and benchmarks measure what users have.
        "cassandra.size_recorder_interval": 300 if settings.bench else 5,
        "cassandra.ring_delay_ms": 0 if alone else _RING_DELAY_MS,
        "cassandra.skip_wait_for_gossip_to_settle": 0,
        "cassandra.shutdown_announce_in_ms": 0 if alone else 500,
        "cassandra.superuser_setup_delay_ms": 0 if alone else _ROLE_RETRY_MS,
        "cassandra.auth_bcrypt_gensalt_log2_rounds": 4,  # the least: logins must cost nothing
        "cassandra.role_password_update_min_interval_in_ms": 0,  # a test changes one when it likes
        # Every founder holds all of these, which `readiness` relies on.
        "cassandra.system_auth.default_rf": settings.founders,
        "cassandra.system_distributed.default_rf": settings.founders,
        "cassandra.system_traces.default_rf": settings.founders,
    }


def _set(content: dict[str, Any], path: list[str], value: Any) -> None:
    *sections, last = path
    for section in sections:
        inner = content.get(section)
        content[section] = inner = inner if isinstance(inner, dict) else {}
        content = inner
    content[last] = value
