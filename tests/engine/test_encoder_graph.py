"""The encoder's graph: units whose values lie far out change nothing at full precision, and spoil nothing in 8 bits."""

from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
from onnxruntime import InferenceSession

from engine.understanding.encoder_graph import encoder_graph, write_graph
from engine.understanding.networks import MATRICES, MINILM, Network

Array = npt.NDArray[np.float32]
FAR_HIDDEN, FAR_INNER = 3, 7
# As the published networks have it: most values below 5, a few units at up to 100.
FAR = 100.0
SMALL = MINILM._replace(layers=2, hidden=64, heads=4, far_hidden=(), far_inner={})
APART = SMALL._replace(far_hidden=(FAR_HIDDEN,), far_inner={0: (FAR_INNER,), 1: (FAR_INNER,)})


@pytest.fixture(scope="module")
def weights() -> dict[str, Array]:
    """Weights of a small network with one hidden and one inner unit that lie far out."""
    chance = np.random.default_rng(1)

    def some(*shape: int) -> Array:
        return chance.normal(scale=0.05, size=shape).astype(np.float32)

    width = SMALL.hidden
    made = {f"embeddings.{name}.weight": some(100, width) for name in ("word_embeddings", "position_embeddings")}
    made["embeddings.token_type_embeddings.weight"] = some(2, width)
    ends = [SMALL.part(layer, part) for layer in range(SMALL.layers) for part in ("attended_norm", "outer_norm")]
    for norm in ["embeddings.LayerNorm", *ends]:
        made[norm + ".weight"], made[norm + ".bias"] = np.ones(width, np.float32), np.zeros(width, np.float32)
    for layer in range(SMALL.layers):
        for matrix in MATRICES:
            out, into = {"inner": (4 * width, width), "outer": (width, 4 * width)}.get(matrix, (width, width))
            made[SMALL.part(layer, matrix) + ".weight"] = some(out, into)
            made[SMALL.part(layer, matrix) + ".bias"] = some(out)
        made[SMALL.part(layer, "inner") + ".bias"][FAR_INNER] = FAR
        made[SMALL.part(layer, "attended_norm") + ".bias"][FAR_HIDDEN] = FAR
        # As there, the layer's end takes the far value back and gives the others their size again.
        made[SMALL.part(layer, "outer_norm") + ".weight"][:] = FAR / width**0.5
        made[SMALL.part(layer, "outer_norm") + ".weight"][FAR_HIDDEN] = 0.1
    return made


def read(graph: bytes | str) -> Array:
    """The vectors of two rows of pieces, the second of them padded."""
    ids = np.array([[5, 17, 23, 42, 8, 61], [9, 31, 77, 0, 0, 0]])
    session = InferenceSession(graph, providers=["CPUExecutionProvider"])
    return np.asarray(session.run(None, {"ids": ids, "mask": (ids > 0).astype(np.float32)})[0])


def in_full(network: Network, weights: dict[str, Array]) -> Array:
    return read(encoder_graph(network, weights).SerializeToString())


def in_8_bits(network: Network, weights: dict[str, Array], path: Path) -> Array:
    write_graph(network, weights, path)
    return read(str(path))


def test_units_kept_apart_change_nothing_at_full_precision(weights: dict[str, Array]) -> None:
    assert np.allclose(in_full(APART, weights), in_full(SMALL, weights), atol=1e-5)


def test_units_kept_apart_leave_the_8_bits_to_the_others(weights: dict[str, Array], tmp_path: Path) -> None:
    exact = in_full(SMALL, weights)
    together, apart = (
        (1 - (exact * in_8_bits(network, weights, tmp_path / "encoder.onnx")).sum(axis=1)).max()
        for network in (SMALL, APART)
    )
    assert apart < together / 2
