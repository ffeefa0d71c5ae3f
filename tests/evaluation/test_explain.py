"""`stipple explain` shows what the check for danger signs made of a message, before what was understood."""

from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from typer.testing import CliRunner

from stipple.cli import app
from stipple.cli_explain import describe_screening
from stipple.content.pack import Pack
from stipple.screening.screen import Danger, Screen, Screening
from stipple.settings import Settings, get_settings
from stipple.stack.model import ensure_model
from tests.fixtures import no_settings, pack

__all__ = ["no_settings", "pack"]
NOW = datetime(2026, 6, 10, 9, 0, tzinfo=UTC)


@pytest.fixture(scope="module")
def screen(pack: Pack) -> Screen:
    return Screen(ensure_model(print), pack.red_flags)


def test_danger_signs_are_named_with_level_and_probability(pack: Pack) -> None:
    dangers = (Danger("anaphylaxis", "emergency", 0.917), Danger("pus", "doctor", 0.0))
    lines = describe_screening(Screening(dangers, risks=("blood_thinners", "diabetes")), pack)
    assert lines == [
        f"danger sign        {pack.red_flags['anaphylaxis'].title}: level emergency, probability 0.92",
        f"danger sign        {pack.red_flags['pus'].title}: level doctor today, probability 0.00",
        "                   Answered at once with the safety text. Rasa is not asked.",
        "risk factors       blood thinners, diabetes",
    ]


@pytest.mark.parametrize(
    ("message", "sign", "how"),
    [
        ("no fever, just pink", "fever", "denied, or over"),
        ("what if i get a fever", "fever", "only imagined or asked about"),
        ("my brother has a fever, can i still come", "fever", "somebody else's"),
        ("two years ago i had a fever after a tattoo", "fever", "long past"),
    ],
)
def test_what_was_taken_back_says_how(screen: Screen, pack: Pack, message: str, sign: str, how: str) -> None:
    lines = describe_screening(screen.read(message, 1), pack)
    assert lines[0].startswith("danger sign        none (of any kind: probability 0.")
    assert f"taken back         {pack.red_flags[sign].title}: {how}" in lines
    assert lines[-1] == "risk factors       none in this message"


@pytest.fixture
def explain(stack_settings: Settings, no_settings: pytest.MonkeyPatch) -> Callable[[str], list[str]]:
    for name in ("database_url", "engine_database_url", "port", "engine_port", "action_port", "environment"):
        no_settings.setenv(f"STIPPLE_{name.upper()}", str(getattr(stack_settings, name)))
    get_settings.cache_clear()

    def run(message: str) -> list[str]:
        result = CliRunner().invoke(app, ["explain", message, "--now", "2026-06-10T10:00"])
        assert result.exit_code == 0, result.output
        return result.output.splitlines()

    return run


@pytest.mark.stack
def test_on_a_running_stack(explain: Callable[[str], list[str]], pack: Pack) -> None:
    lines = explain("no fever, can i wear a hat on day 4")
    assert f"taken back         {pack.red_flags['fever'].title}: denied, or over" in lines
    assert "instruction        aftercare/hat/" in "\n".join(lines)

    lines = explain("my throat is closing up and i can't breathe")
    assert "level emergency" in lines[3]
    assert "understood as      screening" in lines
    assert any(line.startswith("Call 999 now.") for line in lines)
