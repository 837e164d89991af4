"""Real Cassandra clusters on loopback addresses, for tests and benchmarks.

`cli` is the only user of the other modules as a whole; tests may import `cql` to talk to a node.
Linux only: nodes live on 127.0.K.N, and processes are identified through /proc.
"""
