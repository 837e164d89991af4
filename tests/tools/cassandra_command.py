"""Running `tools/cassandra` as its users do."""

import json
import subprocess
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

TOOLS = Path(__file__).resolve().parents[2] / "tools"


@dataclass(frozen=True)
class Launcher:
    """Runs `tools/cassandra` with its clusters under `build`, and in `environment` if given."""

    build: Path
    environment: dict[str, str] | None = field(default=None)

    def command(self, verb: str, *arguments: object, name: str = "default") -> list[str]:
        return [
            str(TOOLS / "cassandra"),
            verb,
            "--build-dir",
            str(self.build),
            "--name",
            name,
            *map(str, arguments),
        ]

    def run(
        self, verb: str, *arguments: object, name: str = "default"
    ) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            self.command(verb, *arguments, name=name),
            capture_output=True,
            text=True,
            env=self.environment,
        )

    def ok(self, verb: str, *arguments: object, name: str = "default") -> str:
        """Standard output of a run that must succeed."""
        done = self.run(verb, *arguments, name=name)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def refused(self, verb: str, *arguments: object, name: str = "default") -> str:
        """Standard error of a run that must fail as the launcher's own errors do."""
        done = self.run(verb, *arguments, name=name)
        assert done.returncode == 1, (done.returncode, done.stdout, done.stderr)
        assert "Traceback" not in done.stderr
        return done.stderr

    def status(self, name: str = "default") -> dict[str, Any]:
        return json.loads(self.run("status", "--json", name=name).stdout)
