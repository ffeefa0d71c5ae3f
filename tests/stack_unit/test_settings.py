"""Settings: every error names the setting; what is set reaches every process."""

import sys
from pathlib import Path

import pytest

from stipple.cli import main
from stipple.settings import ROOT, Settings, SettingsError, get_settings

Environment = pytest.MonkeyPatch


def error(environment: Environment, **given: str) -> str:
    for name, value in given.items():
        environment.setenv(name, value)
    with pytest.raises(SettingsError) as caught:
        get_settings()
    return str(caught.value)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("STIPPLE_PORT", "eighty"),
        ("STIPPLE_PORT", "0"),
        ("STIPPLE_ENGINE_PORT", "65536"),
        ("STIPPLE_ACTION_PORT", "-1"),
        ("STIPPLE_ENVIRONMENT", "prod"),
        ("STIPPLE_DATABASE_URL", "mysql://127.0.0.1/stipple"),
        ("STIPPLE_DATABASE_URL", "stipple.db"),
        ("STIPPLE_REPLY_TIMEOUT_SECONDS", "0"),
        ("STIPPLE_REPLY_TIMEOUT_SECONDS", "31"),
        ("STIPPLE_MESSAGE_LIMIT", "99"),
        ("STIPPLE_MESSAGE_LIMIT", "many"),
        ("STIPPLE_MAIL_URL", "mail.clinic.example"),
        ("STIPPLE_ALERT_REPEAT_MINUTES", "0"),
        ("STIPPLE_SECRET_KEY", "a word that is no key"),
    ],
)
def test_a_bad_setting_is_named(no_settings: Environment, name: str, value: str) -> None:
    told = error(no_settings, **{name: value})
    assert told.startswith(f"{name}: ")
    assert told.count("STIPPLE_") == 1
    assert "\n" not in told


def test_every_bad_setting_is_named(no_settings: Environment) -> None:
    told = error(no_settings, STIPPLE_PORT="eighty", STIPPLE_MESSAGE_LIMIT="5")
    assert [part.split(": ")[0] for part in told.split("; ")] == ["STIPPLE_PORT", "STIPPLE_MESSAGE_LIMIT"]


@pytest.mark.parametrize("address", ["", "http://chat.clinic.example", "chat.clinic.example"])
def test_production_needs_an_https_address(no_settings: Environment, address: str) -> None:
    told = error(no_settings, STIPPLE_ENVIRONMENT="production", STIPPLE_PUBLIC_URL=address)
    assert "STIPPLE_PUBLIC_URL must be set" in told
    assert "Value error" not in told


def test_production_needs_somebody_to_tell_of_danger_signs(no_settings: Environment) -> None:
    address = "https://chat.clinic.example"
    told = error(no_settings, STIPPLE_ENVIRONMENT="production", STIPPLE_PUBLIC_URL=address)
    assert "STIPPLE_MAIL_URL, STIPPLE_MAIL_FROM, STIPPLE_ALERT_EMAILS must be set" in told


def test_production_needs_a_key_of_its_own(no_settings: Environment) -> None:
    mail = {
        "STIPPLE_MAIL_URL": "smtp://mail.example",
        "STIPPLE_MAIL_FROM": "a@c.example",
        "STIPPLE_ALERT_EMAILS": "b@c.example",
    }
    told = error(
        no_settings, STIPPLE_ENVIRONMENT="production", STIPPLE_PUBLIC_URL="https://chat.clinic.example", **mail
    )
    assert "STIPPLE_SECRET_KEY must be set in production; make one with: stipple staff new-key" in told


def test_a_relay_without_addresses_is_named(no_settings: Environment) -> None:
    told = error(no_settings, STIPPLE_MAIL_URL="smtp://mail.clinic.example", STIPPLE_MAIL_FROM="a@clinic.example")
    assert "STIPPLE_ALERT_EMAILS must be set" in told
    assert "STIPPLE_MAIL_FROM" not in told


@pytest.mark.parametrize(
    "ports",
    [
        {"STIPPLE_PORT": "5005"},
        {"STIPPLE_ENGINE_PORT": "5055"},
        {"STIPPLE_ACTION_PORT": "8080"},
    ],
)
def test_the_ports_must_differ(no_settings: Environment, ports: dict[str, str]) -> None:
    assert "STIPPLE_PORT, STIPPLE_ENGINE_PORT and STIPPLE_ACTION_PORT must differ" in error(no_settings, **ports)


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("STIPPLE_PROT=8081", "STIPPLE_PROT: Extra inputs are not permitted"),
        ("POSTGRES_PASSWORD=x", "POSTGRES_PASSWORD: Extra inputs are not permitted"),
        ("STIPPLE_PORT=eighty", "STIPPLE_PORT: Input should be a valid integer"),
    ],
)
def test_a_bad_line_of_the_env_file_is_named(no_settings: Environment, tmp_path: Path, line: str, told: str) -> None:
    (tmp_path / ".env").write_text(f"{line}\n", encoding="utf-8")
    no_settings.setitem(Settings.model_config, "env_file", tmp_path / ".env")
    assert error(no_settings).startswith(told)


def test_the_environment_beats_the_env_file(no_settings: Environment, tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("STIPPLE_PORT=8081\nSTIPPLE_MESSAGE_LIMIT=500\n", encoding="utf-8")
    no_settings.setitem(Settings.model_config, "env_file", tmp_path / ".env")
    no_settings.setenv("STIPPLE_PORT", "8082")
    assert (get_settings().port, get_settings().message_limit) == (8082, 500)


def test_the_command_line_tells_a_bad_setting_in_one_line(
    no_settings: Environment, capsys: pytest.CaptureFixture[str]
) -> None:
    no_settings.setenv("STIPPLE_PORT", "eighty")
    no_settings.setattr(sys, "argv", ["stipple", "db", "upgrade"])
    with pytest.raises(SystemExit) as ended:
        main()
    output = capsys.readouterr()
    assert (ended.value.code, output.out) == (2, "")
    assert output.err.startswith("stipple: STIPPLE_PORT: ")
    assert output.err.count("\n") == 1


@pytest.mark.usefixtures("no_settings")
def test_without_any_setting_it_runs_on_this_machine_only() -> None:
    settings = get_settings()
    assert (settings.environment, settings.host) == ("demo", "127.0.0.1")
    assert settings.content_dir == ROOT / "data" / "clinic"
    assert settings.database_url == f"sqlite:///{ROOT}/var/stipple.db"
    assert {settings.engine_url, settings.action_url} == {"http://127.0.0.1:5005", "http://127.0.0.1:5055"}
    assert settings.reply_timeout_seconds < 5


@pytest.mark.usefixtures("no_settings")
@pytest.mark.parametrize(
    ("given", "used"),
    [
        ("postgresql://db/stipple", "postgresql+psycopg://db/stipple"),
        ("postgresql+psycopg://db/stipple", "postgresql+psycopg://db/stipple"),
        ("sqlite:////tmp/stipple.db", "sqlite:////tmp/stipple.db"),
    ],
)
def test_postgresql_is_reached_through_our_driver(given: str, used: str) -> None:
    assert Settings(database_url=given).database_url == used


@pytest.mark.usefixtures("no_settings")
def test_patients_reach_the_public_address_where_there_is_one() -> None:
    assert Settings(port=8081).base_url == "http://127.0.0.1:8081"
    public = Settings(public_url="https://chat.clinic.example/")
    assert public.base_url == "https://chat.clinic.example"
