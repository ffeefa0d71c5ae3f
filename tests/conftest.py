"""Fixtures that several kinds of test share."""

import shutil
from collections.abc import Iterator

import pytest

from stipple.settings import Settings
from stipple.stack.database import prepare_database
from stipple.stack.model import ensure_model
from stipple.stack.supervise import Stack, running, scratch_settings


def say(line: str) -> None:
    """Progress of the stack's start, shown with ``pytest -s``."""
    print(line)  # noqa: T201


@pytest.fixture(scope="session")
def stack() -> Iterator[Stack]:
    """The whole stack: the real gateway, Rasa with the real model, action server and an empty database."""
    model = ensure_model(say)
    with scratch_settings() as (settings, folder):
        prepare_database(settings)
        with running(settings, model, folder / "run", say) as running_stack:
            yield running_stack


@pytest.fixture(scope="session")
def stack_settings(stack: Stack) -> Settings:
    """Settings of the running stack."""
    return stack.settings


@pytest.fixture(scope="session")
def chromium() -> str:
    """Path of Debian's Chromium; without it the browser tests are skipped."""
    path = shutil.which("chromium") or shutil.which("chromium-browser")
    if path is None:
        pytest.skip("no Chromium on this machine: install the package chromium to run the browser tests")
    return path
