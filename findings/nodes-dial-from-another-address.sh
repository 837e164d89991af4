#!/usr/bin/env bash
# A node's listen_address is not the address that its own connections to other nodes come from: on a
# machine with several addresses the system chooses one, so that a firewall rule for the addresses of
# two nodes parts nobody.
#
# Versions: Cassandra 5.0.9, cassandra-driver 3.30.1 (Python).
# Behaviour: two nodes with the listen_address 127.0.0.77 and 127.0.0.78, as test clusters on one
# machine have. Each listens only there, and each connection between them leaves from 127.0.0.1.
# Seen: nodes: 127.0.0.77 127.0.0.78
#       connections between them come from: 127.0.0.1
source "$(dirname "$0")/support/cassandra.bash"

expected='nodes: 127.0.0.77 127.0.0.78
connections between them come from: 127.0.0.1'
expect_of_program "$expected" <<'PYTHON'
import sys
import time
from pathlib import Path

from cassandra_server import ADDRESS, cassandra, session

OTHER = "127.0.0.78"
STORAGE_PORT = 7000
ESTABLISHED = "01"

folder = Path(sys.argv[1])


def end(text):
    """An address and a port of /proc/net/tcp6, where one of IPv4 is the last of four numbers."""
    host, port = text.split(":")
    numbers = bytes.fromhex(host[-8:])[::-1]  # in the machine's order
    return ".".join(map(str, numbers)), int(port, 16)


def sources():
    """From where connections come that are open at the nodes' ports for each other."""
    found = set()
    for line in Path("/proc/net/tcp6").read_text().splitlines()[1:]:
        _, local, remote, state, *_ = line.split()
        host, port = end(local)
        if state == ESTABLISHED and port == STORAGE_PORT and host in (ADDRESS, OTHER):
            found.add(end(remote)[0])
    return found


second = {"listen_address": OTHER, "rpc_address": OTHER}
with cassandra("5.0.9", folder), cassandra("5.0.9", folder, second, ring_delay_ms=5000):
    with session() as cql:
        give_up = time.monotonic() + 180
        while len(cql.cluster.metadata.all_hosts()) < 2:
            assert time.monotonic() < give_up, "the second node did not join"
            time.sleep(1)
            cql.cluster.refresh_nodes()
        print("nodes:", *sorted(host.address for host in cql.cluster.metadata.all_hosts()))
    print("connections between them come from:", *sorted(sources()))
PYTHON
