"""LangChain's own CassandraByteStore."""

import asyncio

from langchain_community.storage.cassandra import CassandraByteStore

from . import cassandra_session
from .blocking import BlockingStore
from .measured import measure, parser


def main() -> None:
    arguments = parser("Measures LangChain's CassandraByteStore.")
    arguments.add_argument("--table", required=True)
    arguments.add_argument("--nodelay", action="store_true", help="set TCP_NODELAY on the sockets")
    run = arguments.parse_args()
    session = cassandra_session.connect(nodelay=run.nodelay)
    store = CassandraByteStore(run.table, session=session, keyspace=cassandra_session.KEYSPACE)
    asyncio.run(measure(BlockingStore(store), run))


if __name__ == "__main__":
    main()
