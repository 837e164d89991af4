"""An embedding cache on Cassandra: what was embedded once is read from the store after.

python embedding_cache.py HOST[:PORT] KEYSPACE
"""

from __future__ import annotations

import sys
import time
from collections.abc import Sequence

from embedding import embedding_model
from langchain_classic.embeddings import CacheBackedEmbeddings
from langchain_core.embeddings import Embeddings
from paragraphs import paragraphs

from langchain_bytestore import CassandraByteStore, connect


class Counted(Embeddings):
    """Counts the texts that the model embeds."""

    def __init__(self, model: Embeddings) -> None:
        self._model = model
        self.texts = 0

    def embed_documents(self, texts: list[str]) -> list[list[float]]:
        self.texts += len(texts)
        return self._model.embed_documents(texts)

    def embed_query(self, text: str) -> list[float]:
        return self.embed_documents([text])[0]


def _timed(cached: CacheBackedEmbeddings, texts: Sequence[str]) -> tuple[list[list[float]], float]:
    begun = time.monotonic()
    vectors = cached.embed_documents(list(texts))
    return vectors, time.monotonic() - begun


def main(contact_point: str, keyspace: str) -> None:
    model = Counted(embedding_model())
    store = CassandraByteStore("embedding_cache", session=connect(contact_point, keyspace=keyspace))
    cached = CacheBackedEmbeddings.from_bytes_store(
        model, store, namespace="minilm/", key_encoder="sha256"
    )
    texts = paragraphs(200)

    first, seconds = _timed(cached, texts)
    print(f"first: {len(texts)} paragraphs, {model.texts} of them by the model, {seconds:.2f} s")
    by_model = model.texts
    second, again = _timed(cached, texts)
    print(
        f"again: {len(texts)} paragraphs, {model.texts - by_model} of them by the model, "
        f"{again:.3f} s: {seconds / again:,.0f} times as fast"
    )
    assert second == first

    store.mdelete(list(store.yield_keys(prefix="minilm/")))


if __name__ == "__main__":
    main(*sys.argv[1:])
