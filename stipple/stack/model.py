"""The trained model: made again when, and only when, what it learns from has changed."""

import hashlib
import os
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from stipple.settings import ROOT

ENGINE_PYTHON = ROOT / "engine" / ".venv" / "bin" / "python"
MODELS = ROOT / "models"
PROGRESS_SECONDS = 10

Say = Callable[[str], None]


class StackError(Exception):
    """The stack cannot start; the message says which part and what to do."""


def engine_environment(action_port: int) -> dict[str, str]:
    """Environment of a Rasa process: quiet, without telemetry, knowing the action server."""
    return {
        **os.environ,
        "RASA_TELEMETRY_ENABLED": "false",
        "SANIC_HOST": "127.0.0.1",
        "STIPPLE_ACTION_WEBHOOK": f"http://127.0.0.1:{action_port}/webhook",
        "TF_CPP_MIN_LOG_LEVEL": "3",
        "PYTHONWARNINGS": "ignore",
        "OMP_NUM_THREADS": "1",
    }


def model_path() -> Path:
    """Where the model trained from the present content lies, or will lie."""
    digest = hashlib.sha256()
    for path in sorted(_inputs()):
        digest.update(str(path.relative_to(ROOT)).encode())
        digest.update(path.read_bytes())
    return MODELS / f"stipple-{digest.hexdigest()[:16]}.tar.gz"


def _inputs() -> Iterator[Path]:
    yield from (ROOT / "config.yml", ROOT / "domain.yml", ROOT / "engine" / "uv.lock")
    for folder in ("nlu", "rules", "stories"):
        yield from (ROOT / "data" / folder).rglob("*.yml")
    yield from (ROOT / "engine" / "understanding").rglob("*.py")


def ensure_model(say: Say) -> Path:
    """The model for the present content, trained now when there is none yet.

    Raises:
        StackError: when the engine's environment is missing or the training fails.
    """
    path = model_path()
    if path.exists():
        return path
    if not ENGINE_PYTHON.exists():
        raise StackError("the engine's Python environment is missing; run: make install")
    say("Training the language model. This takes one to three minutes.")
    MODELS.mkdir(exist_ok=True)
    log = MODELS / "training.log"
    command = [str(ENGINE_PYTHON), "-m", "rasa", "train", "--out", str(MODELS)]
    command += ["--fixed-model-name", path.name.split(".")[0]]
    command += ["--data", "data/nlu", "data/rules", "--skip-validation"]
    # Without Rasa's cache, which would not notice a change in the modules behind the component.
    environment = engine_environment(5055) | {"RASA_MAX_CACHE_SIZE": "0", "OMP_NUM_THREADS": "2"}
    with log.open("wb") as output:
        process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=output, stderr=subprocess.STDOUT)
        started = time.monotonic()
        while process.poll() is None:
            try:
                process.wait(PROGRESS_SECONDS)
            except subprocess.TimeoutExpired:
                say(f"  … still training, {time.monotonic() - started:.0f} s")
            except KeyboardInterrupt:
                process.terminate()
                raise
    if process.returncode or not path.exists():
        raise StackError(f"training failed; the reason stands at the end of {log}")
    for old in MODELS.glob("stipple-*.tar.gz"):
        if old != path:
            old.unlink()
    return path
