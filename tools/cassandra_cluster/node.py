"""One node of a cluster: its files, its process, and nothing about the others."""

import json
import os
import signal
from dataclasses import dataclass

from . import namespaces, node_config, processes
from .addresses import address
from .errors import LauncherError
from .files import last_lines, write_atomically
from .layout import ClusterFolder, NodeFolder
from .runtimes import Runtime
from .settings import Settings

_SIGNAL_SECONDS = 10.0

# Would change how the JVM runs, unseen.
_DROPPED_VARIABLES = ("CLASSPATH", "JAVA_TOOL_OPTIONS", "JDK_JAVA_OPTIONS", "_JAVA_OPTIONS")


@dataclass(frozen=True)
class Node:
    """Node `number` (from 1) of the cluster in `cluster`. Holds no resource."""

    cluster: ClusterFolder
    settings: Settings
    network: int
    number: int
    replaces: bool = False  # it begins without data, in place of the node that it was

    @property
    def address(self) -> str:
        return address(self.network, self.number, in_namespace=self.settings.namespaces)

    @property
    def datacenter(self) -> str:
        return self.settings.datacenters[self.number - 1]

    @property
    def version(self) -> str:
        return self.settings.versions[self.number - 1]

    @property
    def folder(self) -> NodeFolder:
        return self.cluster.node(self.number)

    @property
    def state(self) -> processes.ProcessState:
        return processes.state(self.folder.pid)

    @property
    def pid(self) -> int | None:
        """The process, if it is alive."""
        record = processes.recorded(self.folder.pid)
        return record.pid if record and self.state != "stopped" else None

    def start(self, runtime: Runtime) -> None:
        """Write the node's configuration and start its server; returns before it answers."""
        self._write_files(runtime)
        inside = namespaces.enter(self.address) if self.settings.namespaces else []
        processes.spawn(
            [*inside, str(runtime.java.path), f"@{self.folder.conf / 'java.args'}"],
            folder=self.folder.root,
            log=self.folder.log,
            pid_file=self.folder.pid,
            environment={k: v for k, v in os.environ.items() if k not in _DROPPED_VARIABLES},
        )

    def kill(self) -> bool:
        """SIGKILL, and wait until the server is gone; False if it was not running."""
        return processes.kill(self.folder.pid)

    def pause(self) -> None:
        """SIGSTOP; returns when no thread of the server runs any more."""
        self._signal(signal.SIGSTOP, "paused")

    def resume(self) -> None:
        self._signal(signal.SIGCONT, "running")

    def log_tail(self, lines: int) -> str:
        return last_lines(self.folder.log, lines)

    def _signal(self, signum: signal.Signals, wanted: processes.ProcessState) -> None:
        if not processes.send(self.folder.pid, signum):
            raise LauncherError(
                f"node {self.number} of {self.cluster.name} is not running; `tools/cassandra "
                f"start {self.number}` starts it"
            )
        if not processes.wait_for_state(self.folder.pid, wanted, _SIGNAL_SECONDS):
            raise LauncherError(
                f"node {self.number} got {signum.name} and is not {wanted} after "
                f"{_SIGNAL_SECONDS:.0f} s"
            )

    def _write_files(self, runtime: Runtime) -> None:
        folder = self.folder
        for path in (folder.conf, folder.data, folder.temporary, folder.log.parent):
            path.mkdir(parents=True, exist_ok=True)
        yaml = node_config.yaml(
            self.cluster, self.settings, self.network, self.number, self.replaces
        )
        arguments = node_config.jvm_arguments(
            self.cluster, self.settings, self.number, runtime.jars, runtime.java.major
        )
        if self.replaces:
            arguments = node_config.replacing(arguments, self.address)
        texts = {
            "cassandra.yaml": json.dumps(yaml, indent=2),
            "cassandra-rackdc.properties": node_config.rack(self.datacenter),
            "logback.xml": node_config.LOGBACK,
            "java.args": "\n".join(_quoted(argument) for argument in arguments),
        }
        for name, text in texts.items():
            write_atomically(folder.conf / name, text + "\n")


def _quoted(argument: str) -> str:
    escaped = argument.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
