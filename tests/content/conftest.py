"""A small content folder that a test may break."""

from collections.abc import Callable
from pathlib import Path

import pytest

from stipple.content.pack import Pack, load_pack
from tests.fixtures import pack
from tests.small_content import write_small_content

__all__ = ["pack"]

Edit = Callable[[str, str, str], None]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The small clinic's content files."""
    return write_small_content(tmp_path / "content")


@pytest.fixture
def edit(folder: Path) -> Edit:
    """Replaces the first place of a text in one of the files."""

    def replace(name: str, old: str, new: str) -> None:
        source = (folder / name).read_text(encoding="utf-8")
        assert old in source
        (folder / name).write_text(source.replace(old, new, 1), encoding="utf-8")

    return replace


@pytest.fixture
def small(folder: Path) -> Pack:
    """The small clinic's content."""
    return load_pack(folder)
