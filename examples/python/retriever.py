"""A retriever that searches small pieces and returns the documents they are from, kept in a store.

    python retriever.py URI

The vectors are in memory here; the documents are in the store that the URI names, where another
process finds them.
"""

from __future__ import annotations

import sys

from embedding import embedding_model
from langchain_classic.retrievers import ParentDocumentRetriever
from langchain_classic.storage import create_kv_docstore
from langchain_core.documents import Document
from langchain_core.vectorstores import InMemoryVectorStore
from langchain_text_splitters import RecursiveCharacterTextSplitter
from paragraphs import paragraphs

import langchain_bytestore


def main(uri: str) -> None:
    with langchain_bytestore.open(uri) as store:
        retriever = ParentDocumentRetriever(
            vectorstore=InMemoryVectorStore(embedding_model()),
            docstore=create_kv_docstore(store),
            child_splitter=RecursiveCharacterTextSplitter(chunk_size=200, chunk_overlap=0),
        )
        documents = [
            Document(text, metadata={"number": i}) for i, text in enumerate(paragraphs(60))
        ]
        retriever.add_documents(documents)
        print(f"{len(documents)} documents, {len(list(store.yield_keys()))} in the store")

        [best, *_] = retriever.invoke("Who is liable for damages?")
        print(f"found: number {best.metadata['number']}: {best.page_content[:60]}...")


if __name__ == "__main__":
    main(sys.argv[1])
