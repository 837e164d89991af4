"""A pretended Debian: the commands that script/bootstrap asks, with a table of packages."""

import shutil
import subprocess
from pathlib import Path

BOOTSTRAP = Path(__file__).parents[2] / "script" / "bootstrap"

_REAL = "awk bash cat chmod cp cut dirname dpkg env grep head readlink sed sort tail".split()

# `packages` has a line for each package: its name, the version that is installed or "-", the
# version that is offered.
_COMMANDS = {
    "apt-cache": r"""
case $1 in
  policy)
    shift
    for name; do
      awk -v name="$name" '$1 == name {
        present = $2 == "-" ? "(none)" : $2
        printf "%s:\n  Installed: %s\n  Candidate: %s\n  Version table:\n", name, present, $3
      }' "$MACHINE/packages"
    done ;;
  pkgnames) awk -v prefix="$2" 'index($1, prefix) == 1 { print $1 }' "$MACHINE/packages" ;;
  *) exit 100 ;;
esac""",
    "dpkg-query": r"""
for name; do :; done
awk -v name="$name" '$1 == name && $2 != "-" { printf "installed"; found = 1 }
  END { exit !found }' "$MACHINE/packages" """,
    "apt-get": r"""
echo "$*" >>"$MACHINE/asked-of-apt-get"
case $1 in
  update) if [ -e "$MACHINE/packages-updated" ]; then
    cp "$MACHINE/packages-updated" "$MACHINE/packages"; fi ;;
  install)
    if [ -e "$MACHINE/refuses" ]; then cat "$MACHINE/refuses"; exit 100; fi
    for name; do
      awk -v name="$name" '$1 == name { $2 = $3 } { print }' "$MACHINE/packages" >"$MACHINE/new"
      cp "$MACHINE/new" "$MACHINE/packages"
      case $name in
        cargo | cargo-web | rustc | rustc-web)
          version=$(awk -v name="$name" '$1 == name { print $3 }' "$MACHINE/packages")
          command="$MACHINE/bin/${name%-web}"
          echo "#!/bin/sh" >"$command"
          echo "[ \$# = 1 ] && echo ${name%-web} $version" >>"$command"
          chmod +x "$command" ;;
      esac
    done ;;
esac""",
    "id": "echo 0",
}

_ANYWHERE = """
  g++ cmake ninja-build ccache make libfmt-dev libutfcpp-dev librocksdb-dev liblmdb-dev libxxhash-dev
  libcli11-dev nlohmann-json3-dev maven openssl python3 python3-dev python3-venv libgtest-dev
  libgmock-dev librapidcheck-dev libbenchmark-dev python3-pytest clang-19 libclang-rt-19-dev llvm-19
  haproxy rocksdb-tools iproute2 nftables faketime
""".split()


def offers(**versions: str) -> dict[str, str]:
    """Package to version: those of every distribution, and `versions`, "_" standing for "-"."""
    own = {name.replace("_", "-").replace("--", "."): value for name, value in versions.items()}
    return dict.fromkeys(_ANYWHERE, "1") | own


class Machine:
    """A machine in `folder` whose apt knows `offered`, and `after_update` once it was updated."""

    def __init__(
        self,
        folder: Path,
        offered: dict[str, str],
        *,
        installed: dict[str, str] | None = None,
        after_update: dict[str, str] | None = None,
    ) -> None:
        self._folder = folder
        self.bin = folder / "bin"
        self.bin.mkdir(parents=True)
        for name in _REAL:
            (self.bin / name).symlink_to(shutil.which(name, path="/usr/bin:/bin") or name)
        for name, text in _COMMANDS.items():
            self.add_command(self.bin / name, text)
        present = installed or {}
        self._write("packages", offered, present)
        if after_update is not None:
            self._write("packages-updated", after_update, present)

    def add_command(self, path: Path, text: str) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"#!/bin/sh\n{text}\n")
        path.chmod(0o755)

    def add_rust(self, version: str) -> None:
        """One that no package brought, with its formatter and linter."""
        for name in ("cargo", "rustc"):
            self.add_command(self.bin / name, f"echo {name} {version}")

    def add_go(self, version: str) -> None:
        """One that no package brought."""
        self.add_command(self.bin / "go", f'[ "$*" = "env GOVERSION" ] && echo go{version}')

    def add_jdk(self, home: Path, version: str) -> None:
        """One that no package brought."""
        for name in ("java", "javac"):
            self.add_command(home / "bin" / name, "exit 99")
        (home / "release").write_text(f'IMPLEMENTOR="N.N."\nJAVA_VERSION="{version}"\n')

    def refuse_to_install(self, words: str) -> None:
        (self._folder / "refuses").write_text(words)

    def run(self, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [self.bin / "bash", BOOTSTRAP, *arguments],
            env={"PATH": str(self.bin), "MACHINE": str(self._folder)} | environment,
            capture_output=True,
            text=True,
        )

    def listed(self, what: str = "test", **environment: str) -> list[str]:
        done = self.run("--list", what, **environment)
        assert done.returncode == 0, done.stderr
        return done.stdout.split()

    def asked_of_apt_get(self) -> list[str]:
        path = self._folder / "asked-of-apt-get"
        return path.read_text().splitlines() if path.exists() else []

    def _write(self, name: str, offered: dict[str, str], installed: dict[str, str]) -> None:
        lines = [
            f"{package} {installed.get(package, '-')} {version}\n"
            for package, version in (installed | offered).items()
        ]
        (self._folder / name).write_text("".join(sorted(lines)))
