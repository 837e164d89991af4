"""A session of the Python driver, for the contenders that use it."""

import os
import socket

from cassandra.cluster import EXEC_PROFILE_DEFAULT, Cluster, ExecutionProfile, Session

from cassandra import ConsistencyLevel

KEYSPACE = os.environ["CASSANDRA_KEYSPACE"]


def connect(*, nodelay: bool = False) -> Session:
    """As users have it, but for the consistency level, which is that of all contenders."""
    profile = ExecutionProfile(consistency_level=ConsistencyLevel.LOCAL_QUORUM)
    options = {"sockopts": [(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)]} if nodelay else {}
    cluster = Cluster(
        os.environ["CASSANDRA_CONTACT_POINTS"].split(","),
        execution_profiles={EXEC_PROFILE_DEFAULT: profile},
        **options,
    )
    return cluster.connect(KEYSPACE)
