"""Sentence vectors, run by onnxruntime.

Both processes that understand language use this module: the engine on Python 3.10 and the gateway's screening, so it
imports nothing else of Stipple. `engine.understanding.weights` writes the two files that it reads.
"""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from pathlib import Path

import numpy as np
from onnxruntime import InferenceSession, SessionOptions
from tokenizers import Tokenizer

GRAPH_FILE = "encoder.onnx"
TOKENIZER_FILE = "tokenizer.json"
# Longest input in word pieces; a patient's message is shorter, and cost grows with length.
MAX_PIECES = 96
BATCH = 32
# onnxruntime 1.31 and later take longer for these two as one than for each alone: a quarter of the whole.
SLOWER_FUSED = ["SkipLayerNormFusion"]


class Encoder:
    """Turns texts into vectors of unit length; ``folder`` holds the network and its tokenizer."""

    def __init__(self, folder: Path, threads: int = 1) -> None:
        options = SessionOptions()
        # One thread a batch: a chat message is too short to gain from two, and the other core serves the other
        # processes. ``threads`` batches are encoded at once, which shares the cores better than two threads a batch.
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        self._threads = threads
        graph = str(folder / GRAPH_FILE)
        self._session = InferenceSession(
            graph, options, providers=["CPUExecutionProvider"], disabled_optimizers=SLOWER_FUSED
        )
        self._dimensions = int(self._session.get_outputs()[0].shape[-1])
        self._tokenizer = Tokenizer.from_file(str(folder / TOKENIZER_FILE))
        self._tokenizer.no_padding()
        self._tokenizer.enable_truncation(MAX_PIECES)

    def words(self) -> list[str]:
        """Whole words of the encoder's vocabulary."""
        return [w for w in self._tokenizer.get_vocab() if w.isalpha() and len(w) > 1]

    def encode(self, texts: Sequence[str]) -> "np.ndarray[tuple[int, int], np.dtype[np.float32]]":
        """One unit-length row per text."""
        pieces = [e.ids for e in self._tokenizer.encode_batch(list(texts))]
        vectors = np.empty((len(texts), self._dimensions), dtype=np.float32)
        by_length = sorted(range(len(pieces)), key=lambda i: len(pieces[i]))
        batches = [by_length[start : start + BATCH] for start in range(0, len(by_length), BATCH)]

        def encode(chosen: list[int]) -> None:
            vectors[chosen] = self._encode_batch([pieces[i] for i in chosen])

        if self._threads == 1 or len(batches) == 1:
            for chosen in batches:
                encode(chosen)
        else:
            with ThreadPoolExecutor(self._threads) as pool:
                list(pool.map(encode, batches))
        return vectors

    def _encode_batch(self, rows: list[list[int]]) -> "np.ndarray[tuple[int, int], np.dtype[np.float32]]":
        longest = max(len(r) for r in rows)
        ids = np.array([r + [0] * (longest - len(r)) for r in rows], dtype=np.int64)
        mask = np.array([[1.0] * len(r) + [0.0] * (longest - len(r)) for r in rows], dtype=np.float32)
        return np.asarray(self._session.run(None, {"ids": ids, "mask": mask})[0], dtype=np.float32)


@cache
def opened(folder: Path) -> Encoder:
    """The encoder in ``folder``, opened once: all who read with it in one process share it."""
    return Encoder(folder)
