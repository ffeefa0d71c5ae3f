"""The trained model: made again when, and only when, what it learns from has changed."""

import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from stipple.screening.classifier import FILE as CLASSIFIER
from stipple.screening.classifier import FOLDER as SCREENING
from stipple.screening.classifier import SECOND_FOLDER as SECOND
from stipple.settings import ROOT

ENGINE_PYTHON = ROOT / "engine" / ".venv" / "bin" / "python"
MODELS = ROOT / "models"
RASA_FILE = "rasa.tar.gz"
ADAPTER, SCREENING_ADAPTER = "engine/understanding/adapter.safetensors", "stipple/screening/adapter.safetensors"
SECOND_ADAPTER, SECOND_CLASSIFIER = "stipple/screening/second.safetensors", "stipple/screening/second.npz"
LOG_FILE, LOCK_FILE = "training.log", "training.lock"
POLL_SECONDS, PROGRESS_SECONDS = 0.2, 10

Say = Callable[[str], None]


class StackError(Exception):
    """The stack cannot start; the message says which part and what to do."""


def engine_environment(action_port: int, model: Path) -> dict[str, str]:
    """Environment of a Rasa process: quiet, without telemetry, knowing the action server and the encoder."""
    return {
        **os.environ,
        "RASA_TELEMETRY_ENABLED": "false",
        "SANIC_HOST": "127.0.0.1",
        "STIPPLE_ACTION_WEBHOOK": f"http://127.0.0.1:{action_port}/webhook",
        "STIPPLE_MODEL_DIR": str(model),
        "TF_CPP_MIN_LOG_LEVEL": "3",
        "PYTHONWARNINGS": "ignore",
        "OMP_NUM_THREADS": "1",
    }


def model_path() -> Path:
    """Folder of the model trained from the present content: the encoder, Rasa's model, the screening's classifier."""
    digest = hashlib.sha256()
    for path in sorted(_inputs()):
        digest.update(str(path.relative_to(ROOT)).encode())
        digest.update(path.read_bytes())
    return MODELS / f"stipple-{digest.hexdigest()[:16]}"


def _inputs() -> Iterator[Path]:
    yield from (ROOT / name for name in ("config.yml", "domain.yml", "engine/uv.lock", "engine/phrases.py"))
    yield from (ROOT / "stipple" / name for name in ("encoder.py", "phrases.py"))
    yield from (ROOT / "stipple" / "screening" / name for name in ("classifier.py", "learning.py"))
    yield from (ROOT / name for name in (SCREENING_ADAPTER, SECOND_ADAPTER, SECOND_CLASSIFIER))
    for pattern in ("nlu/**/*.yml", "rules/**/*.yml", "screening/*.jsonl", "questions/*.jsonl", "exchanges/*.jsonl"):
        yield from (ROOT / "data").glob(pattern)
    yield from (p for p in (ROOT / "engine" / "understanding").rglob("*") if p.suffix in (".py", ".safetensors"))


def ensure_model(say: Say) -> Path:
    """The folder of the model for the present content, trained now when there is none yet.

    Raises:
        StackError: when the engine's environment is missing or the training fails.
    """
    path = model_path()
    if path.exists():
        return path
    if not ENGINE_PYTHON.exists():
        raise StackError("the engine's Python environment is missing; run: make install")
    with _alone(say):
        # Whoever trained before us may have made just this one.
        return path if path.exists() else _made(path, say)


@contextmanager
def _alone(say: Say) -> Iterator[None]:
    """Let one process at a time train: two would write into each other's files."""
    MODELS.mkdir(parents=True, exist_ok=True)
    with (MODELS / LOCK_FILE).open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say("Another process is training the language model. This one waits for it.")
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _made(path: Path, say: Say) -> Path:
    say("Training the language model. This takes two to four minutes.")
    # Moved into place when it is whole, so that a training that was stopped leaves no half of a model.
    unfinished = MODELS / "unfinished"
    shutil.rmtree(unfinished, ignore_errors=True)
    unfinished.mkdir()
    _train(unfinished, say)
    shutil.copyfile(ROOT / SECOND_CLASSIFIER, unfinished / SECOND / CLASSIFIER)
    for old in MODELS.glob("stipple-*"):
        shutil.rmtree(old, ignore_errors=True)
    return unfinished.rename(path)


def _steps(folder: Path) -> list[list[list[str]]]:
    """The commands that make Rasa's model, and those that make the screening's: neither needs the other."""
    weights = [str(ENGINE_PYTHON), "-m", "engine.understanding.weights"]
    rasa = [str(ENGINE_PYTHON), "-m", "rasa", "train", "--data", "data/nlu", "data/rules", "--skip-validation"]
    return [
        [
            [*weights, "minilm", ADAPTER, str(folder)],
            [*rasa, "--out", str(folder), "--fixed-model-name", RASA_FILE.split(".")[0]],
        ],
        [
            [*weights, "minilm", SCREENING_ADAPTER, str(folder / SCREENING)],
            [sys.executable, "-m", "stipple.screening.learning", str(folder / SCREENING)],
            [*weights, "mpnet", SECOND_ADAPTER, str(folder / SECOND)],
        ],
    ]


def _train(folder: Path, say: Say) -> None:
    """Run both lines of commands side by side; when one fails, or somebody stops the training, the other stops too."""
    lines = [iter(line) for line in _steps(folder)]
    running = {number: _start(next(line), folder) for number, line in enumerate(lines)}
    started = said = time.monotonic()
    try:
        while running:
            time.sleep(POLL_SECONDS)
            if time.monotonic() - said >= PROGRESS_SECONDS:
                said = time.monotonic()
                say(f"  … still training, {said - started:.0f} s")
            for number in [n for n, process in running.items() if process.poll() is not None]:
                if running.pop(number).returncode:
                    raise StackError(f"training failed; the reason stands at the end of {MODELS / LOG_FILE}")
                if command := next(lines[number], None):
                    running[number] = _start(command, folder)
    finally:
        for process in running.values():
            process.terminate()
            process.wait()


def _start(command: list[str], folder: Path) -> subprocess.Popen[bytes]:
    # Without Rasa's cache, which would not notice a change in the modules behind the component.
    environment = engine_environment(5055, folder) | {"RASA_MAX_CACHE_SIZE": "0", "OMP_NUM_THREADS": "2"}
    with (MODELS / LOG_FILE).open("ab") as output:
        return subprocess.Popen(command, cwd=ROOT, env=environment, stdout=output, stderr=subprocess.STDOUT)
