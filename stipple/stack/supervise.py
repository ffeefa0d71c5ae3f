"""Running the three processes under supervisord, which starts a process again when it dies."""

import http.client
import os
import shlex
import signal
import socket
import subprocess
import sys
import tempfile
import time
import xmlrpc.client
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
from supervisor.xmlrpc import SupervisorTransport

from stipple.sealing import new_key
from stipple.settings import ROOT, Settings
from stipple.stack.model import ENGINE_PYTHON, RASA_FILE, Say, StackError, engine_environment

READY_SECONDS = 180
STOP_SECONDS = 15
POLL_SECONDS = 0.3
PROGRAMS = ("gateway", "actions", "engine")


def free_ports(count: int) -> list[int]:
    """Ports on loopback that nothing uses at the moment."""
    sockets = [socket.socket() for _ in range(count)]
    for s in sockets:
        s.bind(("127.0.0.1", 0))
    ports = [s.getsockname()[1] for s in sockets]
    for s in sockets:
        s.close()
    return ports


def require_free(settings: Settings) -> None:
    """Check that every port is free.

    Raises:
        StackError: naming the port that is in use and the setting that moves it.
    """
    ports = {"STIPPLE_PORT": settings.port, "STIPPLE_ENGINE_PORT": settings.engine_port}
    for name, port in (ports | {"STIPPLE_ACTION_PORT": settings.action_port}).items():
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((settings.host if name == "STIPPLE_PORT" else "127.0.0.1", port))
            except OSError as error:
                raise StackError(f"port {port} cannot be used ({error.strerror}); set {name} to another one") from None


def _environment(settings: Settings, model: Path) -> dict[str, str]:
    named = {f"STIPPLE_{k.upper()}": str(v) for k, v in settings.model_dump(exclude_none=True).items()}
    loopback = {"SANIC_HOST": "127.0.0.1", "PYTHONUNBUFFERED": "1"}
    return {**named, **engine_environment(settings.action_port, model), **loopback}


def _commands(settings: Settings, model: Path) -> dict[str, list[str]]:
    python = sys.executable
    return {
        "gateway": [
            python, "-m", "uvicorn", "stipple.gateway.app:create_app", "--factory", "--no-access-log",
            "--host", settings.host, "--port", str(settings.port), "--log-level", "warning",
        ],
        "actions": [python, "-m", "actions.server"],
        "engine": [
            str(ENGINE_PYTHON), "-m", "engine.start", "run", "--interface", "127.0.0.1",
            "--port", str(settings.engine_port), "--model", str(model / RASA_FILE),
            "--endpoints", "endpoints.yml", "--credentials", "credentials.yml",
        ],
    }  # fmt: skip


def _config(settings: Settings, model: Path, folder: Path) -> str:
    lines = [
        "[supervisord]", "nodaemon=true", "silent=true", f"logfile={folder}/supervisor.log", "loglevel=warn",
        f"pidfile={folder}/supervisor.pid", f"directory={ROOT}",
        "[unix_http_server]", f"file={folder}/control.sock",
        "[rpcinterface:supervisor]",
        "supervisor.rpcinterface_factory = supervisor.rpcinterface:make_main_rpcinterface",
    ]  # fmt: skip
    for name, command in _commands(settings, model).items():
        lines += [
            f"[program:{name}]", f"command={shlex.join(command).replace('%', '%%')}", "autorestart=true",
            "startretries=5", "startsecs=2", "stopasgroup=true", "killasgroup=true", "stopwaitsecs=5",
            "redirect_stderr=true", f"stdout_logfile={folder}/{name}.log", "stdout_logfile_maxbytes=5MB",
        ]  # fmt: skip
    return "\n".join(lines) + "\n"


class Stack:
    """The running processes. Their logs lie in ``folder``, which holds no patient's words."""

    def __init__(self, settings: Settings, model: Path, folder: Path) -> None:
        self.settings = settings
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        config = folder / "supervisord.conf"
        config.write_text(_config(settings, model, folder))
        command = [sys.executable, "-m", "supervisor.supervisord", "-c", str(config)]
        self._process = subprocess.Popen(command, cwd=ROOT, env=_environment(settings, model), start_new_session=True)

    def wait_ready(self, say: Say) -> None:
        """Wait until the engine has answered a real message and the gateway serves.

        Raises:
            StackError: when a process keeps dying or the stack is not ready in time.
        """
        started, told = time.monotonic(), 0.0
        while time.monotonic() - started < READY_SECONDS:
            if self._process.poll() is not None:
                raise StackError(f"the supervisor stopped; see {self.folder}/supervisor.log")
            if answers(self.settings):
                return
            self._check_alive()
            if time.monotonic() - told > 10:
                told = time.monotonic()
                say(f"  … starting, {told - started:.0f} s")
            time.sleep(POLL_SECONDS)
        raise StackError(f"not ready after {READY_SECONDS} s; see the logs in {self.folder}")

    @contextmanager
    def _control(self) -> Iterator[Any]:
        """The supervisor's interface, over a fresh connection: one that once failed stays unusable."""
        transport = SupervisorTransport(None, None, f"unix://{self.folder}/control.sock")  # type: ignore[no-untyped-call]
        with xmlrpc.client.ServerProxy("http://127.0.0.1", transport=transport) as proxy:
            yield proxy.supervisor

    def _check_alive(self) -> None:
        try:
            with self._control() as control:
                states = control.getAllProcessInfo()
        except (OSError, xmlrpc.client.Error, http.client.HTTPException):
            return
        for info in states:
            if info["statename"] in ("FATAL", "BACKOFF"):
                log = self.folder / f"{info['name']}.log"
                last = log.read_text(errors="replace").strip().splitlines()[-1:] if log.exists() else []
                raise StackError(f"{info['name']} does not start: {' '.join(last) or 'no reason given'} (see {log})")

    def stop_program(self, name: str) -> None:
        """Stop one process and leave it stopped."""
        with self._control() as control:
            control.stopProcess(name, True)

    def start_program(self, name: str) -> None:
        """Start a process that was stopped."""
        with self._control() as control:
            control.startProcess(name, True)

    def process_ids(self) -> dict[str, int]:
        """Process id of each program, by name."""
        with self._control() as control:
            return {info["name"]: info["pid"] for info in control.getAllProcessInfo()}

    def wait(self) -> int:
        """Wait until the supervisor ends."""
        return self._process.wait()

    def stop(self) -> None:
        """Stop every process."""
        if self._process.poll() is None:
            self._process.terminate()
            try:
                self._process.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                os.killpg(self._process.pid, signal.SIGKILL)


def answers(settings: Settings) -> bool:
    """Whether gateway, engine and action server together answer a real message."""
    body = {"sender": "readiness", "message": "hello", "metadata": {"now": datetime.now(UTC).isoformat()}}
    try:
        with httpx.Client(timeout=5, trust_env=False) as client:
            client.get(f"http://{settings.host}:{settings.port}/health").raise_for_status()
            reply = client.post(f"{settings.engine_url}/webhooks/rest/webhook", json=body)
            return reply.status_code == 200 and any("custom" in m for m in reply.json())
    except (httpx.HTTPError, ValueError):
        return False


@contextmanager
def running(settings: Settings, model: Path, folder: Path, say: Say) -> Iterator[Stack]:
    """The stack, started and ready; stopped at the end."""
    require_free(settings)
    stack = Stack(settings, model, folder)
    try:
        stack.wait_ready(say)
        yield stack
    finally:
        stack.stop()


@contextmanager
def scratch_settings() -> Iterator[tuple[Settings, Path]]:
    """Settings of a test stack on free ports with an empty database, and its folder; both vanish at the end."""
    with tempfile.TemporaryDirectory(prefix="stipple-") as name:
        port, engine_port, action_port = free_ports(3)
        settings = Settings(
            environment="test",
            database_url=f"sqlite:///{name}/stipple.db",
            engine_database_url=f"sqlite:///{name}/engine.db",
            spool_dir=Path(name) / "spool",
            port=port,
            engine_port=engine_port,
            action_port=action_port,
            secret_key=new_key(),
        )
        yield settings, Path(name)
