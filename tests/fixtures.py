"""Fixtures that the unit tests of several packages import into their conftest."""

import os
from collections.abc import Iterator
from functools import cache

import pytest

from stipple.content.pack import Pack, load_pack
from stipple.settings import ROOT, Settings, get_settings


@cache
def shipped_pack() -> Pack:
    return load_pack(ROOT / "data" / "clinic")


@pytest.fixture(scope="session")
def pack() -> Pack:
    """The content the repository ships."""
    return shipped_pack()


@pytest.fixture
def no_settings(monkeypatch: pytest.MonkeyPatch) -> Iterator[pytest.MonkeyPatch]:
    """No setting is given, neither by the environment nor by a ``.env`` file; the test may give its own."""
    for name in [n for n in os.environ if n.upper().startswith("STIPPLE_")]:
        monkeypatch.delenv(name)
    monkeypatch.setitem(Settings.model_config, "env_file", None)
    get_settings.cache_clear()
    yield monkeypatch
    get_settings.cache_clear()
