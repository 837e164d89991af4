# What the findings about Cassandra have in common; each begins with it.
#
# Makes a temporary folder with a Python that has the Python driver and `cassandra_server.py`, and
# takes it away at the end.

set -euo pipefail
support=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/python"
"$work/python/bin/pip" --quiet --disable-pip-version-check install cassandra-driver==3.30.1

# Runs the program on standard input with these arguments, and fails unless it prints `expected`.
expect_of_program() {
  local expected=$1 seen
  shift
  cat >"$work/program.py"
  seen=$(PYTHONPATH=$support "$work/python/bin/python" -W ignore "$work/program.py" "$work" "$@")
  echo "$seen"
  [ "$seen" = "$expected" ] || {
    echo "the behaviour has changed" >&2
    exit 1
  }
}
