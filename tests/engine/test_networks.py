"""Published networks: their files are the pinned ones or are not used, and far word pieces share a weight."""

import hashlib
import zipfile
from importlib.metadata import PackagePath
from io import BytesIO
from pathlib import Path

import pytest

from engine.understanding import networks
from engine.understanding.networks import MPNET, TOKENIZER, WEIGHTS, Network, NetworkError, distances, published

CONTENT = {WEIGHTS: b"weights " * 1000, TOKENIZER: b"words"}


@pytest.fixture
def carried(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Network:
    """A network whose two packages each hold half of a zip file."""
    packed = BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for name, content in CONTENT.items():
            archive.writestr(f"encoder/{name}", content)
    halves = packed.getvalue()[:500], packed.getvalue()[500:]
    found = {}
    for number, half in enumerate(halves, 1):
        path = PackagePath(f"part_{number}/encoder.zip.{number:03d}")
        path.dist = type("Found", (), {"locate_file": lambda self, name: tmp_path / name})()  # type: ignore[assignment]
        (tmp_path / path).parent.mkdir()
        (tmp_path / path).write_bytes(half)
        found[f"part-{number}"] = [path]
    monkeypatch.setattr(networks, "files", found.__getitem__)
    digests = {name: hashlib.sha256(content).hexdigest() for name, content in CONTENT.items()}
    return MPNET._replace(carriers=("part-1", "part-2"), digests=digests)


def test_the_parts_are_joined(carried: Network) -> None:
    with published(carried) as files:
        assert {name: path.read_bytes() for name, path in files.items()} == CONTENT


def test_another_file_than_the_pinned_one_is_refused(carried: Network) -> None:
    other = carried._replace(digests=carried.digests | {WEIGHTS: carried.digests[TOKENIZER]})
    with pytest.raises(NetworkError, match=r"model\.safetensors of part-1 is not the pinned file"), published(other):
        pass


def test_a_package_that_lacks_the_file_is_named(carried: Network) -> None:
    more = carried._replace(digests=carried.digests | {"more.bin": ""})
    with pytest.raises(NetworkError, match=r"part-1 carries no more\.bin"), published(more):
        pass


def test_a_missing_package_is_named() -> None:
    missing = MPNET._replace(carriers=("no-such-package-of-stipple",))
    with pytest.raises(NetworkError, match="no-such-package-of-stipple is not installed; run: make install"):
        published(missing).__enter__()


def test_near_places_have_a_weight_each_and_far_ones_share() -> None:
    table = distances(96)
    assert table[0, 0] == 0
    assert list(table[7:0:-1, 0]) == [7, 6, 5, 4, 3, 2, 1]
    assert list(table[0, 1:8]) == [17, 18, 19, 20, 21, 22, 23]
    assert table[60, 0] == table[61, 0]
    assert table.max() <= 31
