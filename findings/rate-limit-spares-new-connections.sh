#!/usr/bin/env bash
# A server's limit of requests per second slows a connection that stays, and not one that is new.
#
# Versions: Cassandra 5.0.9; the bytes of protocol 4 from a socket of Python, no driver.
# Behaviour: under `native_transport_rate_limiting_enabled` a connection that did not ask for
# THROW_ON_OVERLOAD is paused after a request over the limit, while the request itself is answered.
# So 30 requests, one after the other, take seconds on one connection under a limit of 5 a second,
# and no time if each comes on a connection of its own. With THROW_ON_OVERLOAD it is the other way: what is over the limit is refused (0x1001),
# on new connections too, and requests that were let through before count against it for many
# seconds.
# Seen: one connection: 30 answered, slowed
#       30 connections: 30 answered, not slowed
#       THROW_ON_OVERLOAD, one connection: 30 refused
#       THROW_ON_OVERLOAD, 30 connections: 30 refused
source "$(dirname "$0")/support/cassandra.bash"

expected='one connection: 30 answered, slowed
30 connections: 30 answered, not slowed
THROW_ON_OVERLOAD, one connection: 30 refused
THROW_ON_OVERLOAD, 30 connections: 30 refused'
expect_of_program "$expected" <<'PYTHON'
import socket
import struct
import sys
import time
from pathlib import Path

from cassandra_server import ADDRESS, cassandra

PER_SECOND = 5
STARTUP, QUERY, ERROR = 1, 7, 0


def text(value):
    return struct.pack(">H", len(value)) + value.encode()


def connect(throws):
    connection = socket.create_connection((ADDRESS, 9042))
    options = {"CQL_VERSION": "3.0.0"} | ({"THROW_ON_OVERLOAD": "1"} if throws else {})
    body = struct.pack(">H", len(options))
    body += b"".join(text(name) + text(value) for name, value in options.items())
    send(connection, STARTUP, body)
    assert answer(connection) == "answered"
    return connection


def send(connection, opcode, body):
    connection.sendall(struct.pack(">BBhBI", 4, 0, 0, opcode, len(body)) + body)


def ask(connection):
    query = b"SELECT key FROM system.local"
    send(connection, QUERY, struct.pack(">I", len(query)) + query + struct.pack(">HB", 1, 0))


def receive(connection, size):
    received = b""
    while len(received) < size:
        part = connection.recv(size - len(received))
        assert part, "the connection was closed"
        received += part
    return received


def answer(connection):
    *_, opcode, size = struct.unpack(">BBhBI", receive(connection, 9))
    body = receive(connection, size)
    if opcode != ERROR:
        return "answered"
    assert body[:4] == b"\0\0\x10\1", body
    return "refused"


def report(name, requests, run, timed=True):
    begun = time.monotonic()
    answers = run()
    slowed = time.monotonic() - begun > requests / PER_SECOND / 4
    assert len(answers) == requests
    speed = f", {'slowed' if slowed else 'not slowed'}" if timed else ""
    print(f"{name}: {requests} {'/'.join(sorted(set(answers)))}{speed}")


def on_one(requests, throws):
    connection = connect(throws)
    answers = []
    for _ in range(requests):
        ask(connection)
        answers.append(answer(connection))
    return answers


def each_on_its_own(requests, throws):
    return [on_one(1, throws)[0] for _ in range(requests)]


settings = {
    "native_transport_rate_limiting_enabled": True,
    "native_transport_max_requests_per_second": PER_SECOND,
}
with cassandra("5.0.9", Path(sys.argv[1]), settings):
    on_one(20, False)  # what the limit lets through at first is used up
    report("one connection", 30, lambda: on_one(30, False))
    report("30 connections", 30, lambda: each_on_its_own(30, False))
    report("THROW_ON_OVERLOAD, one connection", 30, lambda: on_one(30, True), timed=False)
    report("THROW_ON_OVERLOAD, 30 connections", 30, lambda: each_on_its_own(30, True), timed=False)
PYTHON
