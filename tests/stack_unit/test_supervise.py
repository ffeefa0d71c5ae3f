"""Ports, and what the supervisor is told to run."""

import configparser
import shlex
import socket
from pathlib import Path

import pytest

from stipple.sealing import new_key
from stipple.settings import Settings
from stipple.stack.model import RASA_FILE, StackError
from stipple.stack.supervise import (
    PROGRAMS,
    _commands,
    _config,
    _environment,
    answers,
    free_ports,
    require_free,
    scratch_settings,
)

pytestmark = pytest.mark.usefixtures("no_settings")
MODEL = Path("/tmp/a folder/50% done/stipple-0123.tar.gz")


def settings_on(ports: list[int]) -> Settings:
    port, engine_port, action_port = ports
    return Settings(port=port, engine_port=engine_port, action_port=action_port)


def test_free_ports_can_be_used() -> None:
    ports = free_ports(3)
    assert len(set(ports)) == 3
    require_free(settings_on(ports))


@pytest.mark.parametrize(
    ("place", "name"), [(0, "STIPPLE_PORT"), (1, "STIPPLE_ENGINE_PORT"), (2, "STIPPLE_ACTION_PORT")]
)
def test_a_port_in_use_is_told_with_its_setting(place: int, name: str) -> None:
    ports = free_ports(3)
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", ports[place]))
        taken.listen()
        with pytest.raises(StackError, match=f"^port {ports[place]} cannot be used .*; set {name} to another one$"):
            require_free(settings_on(ports))
    require_free(settings_on(ports))


def test_a_port_just_closed_can_be_used_again() -> None:
    ports = free_ports(3)
    with socket.socket() as server, socket.socket() as client:
        server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        server.bind(("127.0.0.1", ports[0]))
        server.listen()
        client.connect(("127.0.0.1", ports[0]))
        server.accept()[0].close()
    with socket.socket() as other, pytest.raises(OSError, match="in use"):
        other.bind(("127.0.0.1", ports[0]))
    require_free(settings_on(ports))
    with socket.create_server(("127.0.0.1", ports[0])) as again:
        assert again.getsockname()[1] == ports[0]


def test_a_stack_that_does_not_run_gives_no_answer() -> None:
    assert not answers(settings_on(free_ports(3)))


def parsed(settings: Settings, folder: Path) -> configparser.ConfigParser:
    """The supervisor's configuration as it reads it: %% stands for one per cent sign."""
    config = configparser.ConfigParser(inline_comment_prefixes=(";",), strict=True)
    config.read_string(_config(settings, MODEL, folder))
    return config


def test_the_supervisor_runs_each_command_as_it_is_meant(tmp_path: Path) -> None:
    settings = settings_on([8081, 8082, 8083])
    config = parsed(settings, tmp_path)
    commands = _commands(settings, MODEL)
    assert commands.keys() == set(PROGRAMS)
    for name, command in commands.items():
        program = config[f"program:{name}"]
        assert shlex.split(program["command"]) == command
        assert program["autorestart"] == "true"
    assert str(MODEL / RASA_FILE) in commands["engine"]


def test_only_the_gateway_listens_beyond_this_machine() -> None:
    settings = Settings(host="0.0.0.0", port=8081, engine_port=8082, action_port=8083)
    commands = _commands(settings, MODEL)
    assert [name for name, command in commands.items() if "0.0.0.0" in command] == ["gateway"]
    assert commands["engine"][commands["engine"].index("--interface") + 1] == "127.0.0.1"


def test_every_process_gets_the_same_settings(no_settings: pytest.MonkeyPatch) -> None:
    settings = Settings(
        environment="production",
        public_url="https://chat.clinic.example",
        database_url="postgresql://db/stipple",
        content_dir=Path("/srv/content"),
        host="0.0.0.0",
        port=8081,
        engine_port=8082,
        action_port=8083,
        reply_timeout_seconds=2.5,
        message_limit=500,
        mail_url="smtp://mail.clinic.example",
        mail_from="stipple@clinic.example",
        alert_emails="desk@clinic.example",
        secret_key=new_key(),
    )
    for name, value in _environment(settings, MODEL).items():
        no_settings.setenv(name, value)
    assert Settings() == settings.model_copy(update={"model_dir": MODEL})


def test_a_scratch_stack_leaves_nothing_behind() -> None:
    with scratch_settings() as (settings, folder):
        assert settings.environment == "test"
        assert settings.database_url == f"sqlite:///{folder}/stipple.db"
        require_free(settings)
        (folder / "stipple.db").touch()
    assert not folder.exists()
