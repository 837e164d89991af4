#!/usr/bin/env bash
# A folder of LevelDB that is opened with RocksDB is converted without a word, and LevelDB can no
# longer read it.
#
# Versions: plyvel 1.5.1 (LevelDB), rocksdict 0.3.29 (RocksDB 9.8.4), Python 3.11.
# Behaviour: a path that was meant for another program is enough. RocksDB opens the folder, reads its
# keys, writes an OPTIONS file and a MANIFEST of its own and turns the log into a table. Closing it
# and opening the folder with LevelDB again fails, and nothing has said that it would.
# Seen: rocksdb reads 1000 keys
#       leveldb: CorruptionError b'Corruption: VersionEdit: unknown tag'
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/python"
"$work/python/bin/pip" --quiet --disable-pip-version-check install plyvel==1.5.1 rocksdict==0.3.29

cat >"$work/convert.py" <<'PYTHON'
import sys

import plyvel
import rocksdict

path = sys.argv[1]
level = plyvel.DB(path, create_if_missing=True)
for number in range(1000):
    level.put(b"key %d" % number, b"value")
level.close()
level = plyvel.DB(path)
assert sum(1 for _ in level) == 1000, "LevelDB reads its folder again"
level.close()

rocks = rocksdict.Rdict(path, options=rocksdict.Options(raw_mode=True))
print("rocksdb reads", sum(1 for _ in rocks.keys()), "keys")
rocks.close()

try:
    plyvel.DB(path)
    print("leveldb: reads it as before")
except plyvel.Error as error:
    print(f"leveldb: {type(error).__name__}", error)
PYTHON

seen=$("$work/python/bin/python" "$work/convert.py" "$work/folder")
echo "$seen"
expected="rocksdb reads 1000 keys
leveldb: CorruptionError b'Corruption: VersionEdit: unknown tag'"
if [ "$seen" != "$expected" ]; then
  echo "the behaviour has changed" >&2
  exit 1
fi
