#!/usr/bin/env bash
# Debian's RocksDB is compiled with its assertions and with the hooks of its own tests.
#
# Versions: librocksdb7.8 7.8.3-2 (Debian 12); for comparison rocksdict 0.3.29 (RocksDB 9.8.4).
# Behaviour: RocksDB leaves both out if it is compiled with NDEBUG, as its guide for installation asks
# for production. The package was not: its library has the names of the sync points of RocksDB's tests,
# which each write passes, and calls the function of a failed assertion. So an assertion that a damaged
# or unusual folder violates ends the process, where other builds return an error, and each operation
# costs more.
# Seen: librocksdb7.8: sync points of writes, assertions
#       rocksdict: neither
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
apt-get -qq -o APT::Sandbox::User=root download librocksdb7.8=7.8.3-2
dpkg -x librocksdb7.8_*.deb debian
python3 -m venv python
python/bin/pip --quiet --disable-pip-version-check install rocksdict==0.3.29

# Prints which of both a shared library has.
traces_in() {
  local found=()
  grep -q 'DBImpl::WriteImpl:BeforeLeaderEnters' "$1" && found+=("sync points of writes")
  grep -q 'UND __assert_fail' <(readelf --dyn-syms --wide "$1") && found+=("assertions")
  [ ${#found[@]} -gt 0 ] || found=("neither")
  (IFS=, && echo "${found[*]}" | sed 's/,/, /')
}

seen="librocksdb7.8: $(traces_in "$(find debian -name 'librocksdb.so.7.8.3')")
rocksdict: $(traces_in "$(find python -path '*rocksdict*' -name '*.so')")"
echo "$seen"
expected="librocksdb7.8: sync points of writes, assertions
rocksdict: neither"
if [ "$seen" != "$expected" ]; then
  echo "the behaviour has changed" >&2
  exit 1
fi
