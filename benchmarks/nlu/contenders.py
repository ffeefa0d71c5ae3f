"""The contenders, and running each in processes of its own: one that learns, one that loads and reads."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.nlu.messages import Message
from benchmarks.nlu.split import Split, write_phrases
from stipple.settings import ROOT
from stipple.stack.model import ADAPTER, ENGINE_PYTHON, engine_environment

PROGRESS_SECONDS = 30
ACTION_PORT = 5055
PHRASES, WRITTEN = ROOT / "data" / "nlu", (ROOT / "data" / "questions", ROOT / "data" / "exchanges")
# An adapter that changes nothing, in the format of its file: the length of an empty header, then the header.
NO_ADAPTER = (2).to_bytes(8, "little") + b"{}"

Say = Callable[[str], None]


class ContenderError(Exception):
    """A contender's process failed; the message names its log."""


@dataclass(frozen=True)
class Contender:
    """One row of the comparison.

    ``encoder`` is empty for contenders that use none, ``adapted`` for the shipped one, ``published`` for the weights
    before the adapter learned from the phrases. ``architecture`` is spaCy's.
    """

    name: str
    tool: str
    everything: bool = False
    encoder: str = ""
    architecture: str = ""


@dataclass(frozen=True)
class Result:
    """What a contender's processes measured; ``readings`` is in the order of the messages."""

    contender: Contender
    learned_from: int
    train_seconds: float
    load_seconds: float
    memory_mb: float
    milliseconds: list[float]
    processor_milliseconds: list[float]
    readings: list[tuple[list[tuple[str, float]], bool]]


CONTENDERS = (
    Contender("Stipple, all phrases", "rasa", everything=True, encoder="adapted"),
    Contender("Stipple, sample", "rasa", encoder="adapted"),
    Contender("Stipple, sample, encoder not adapted", "rasa", encoder="published"),
    Contender("Rasa's default, sample", "rasa"),
    Contender("spaCy ensemble, sample", "spacy", architecture="ensemble"),
    Contender("spaCy bag of words, sample", "spacy", architecture="bow"),
)


def learn(contender: Contender, split: Split, folder: Path, epochs: int, say: Say) -> None:
    """Teach the contender, in ``folder``; ``epochs`` are those of stock Rasa.

    Raises:
        ContenderError: when its process fails.
    """
    folder.mkdir(parents=True)
    if contender.tool == "rasa":
        pairs = split.everything if contender.everything else split.sample
        write_phrases(folder / "data" / "nlu" / "phrases.yml", pairs, PHRASES, plain_intents=not contender.encoder)
        for messages in WRITTEN:
            (folder / "data" / messages.name).symlink_to(messages)
        default = (Path(__file__).parent / "rasa_default.yml").read_text(encoding="utf-8")
        ours = (ROOT / "config.yml").read_text(encoding="utf-8")
        config = ours if contender.encoder else default.replace("epochs: 100", f"epochs: {epochs}")
        (folder / "config.yml").write_text(config, encoding="utf-8")
        (folder / "no_adapter.safetensors").write_bytes(NO_ADAPTER)
    else:
        for name, pairs in (("sample", split.sample), ("watched", split.watched)):
            (folder / f"{name}.json").write_text(json.dumps(pairs), encoding="utf-8")
    _process(contender, "learn", folder, say)


def read(contender: Contender, split: Split, messages: list[Message], folder: Path, say: Say) -> Result:
    """Let the contender read the messages with what it learned in ``folder``.

    Raises:
        ContenderError: when its process fails.
    """
    (folder / "texts.json").write_text(json.dumps([m.text for m in messages]), encoding="utf-8")
    _process(contender, "read", folder, say)
    learned: dict[str, Any] = json.loads((folder / "learned.json").read_text(encoding="utf-8"))
    found: dict[str, Any] = json.loads((folder / "read.json").read_text(encoding="utf-8"))
    pairs = split.everything if contender.everything else split.sample
    return Result(contender, len(pairs), learned["seconds"], **found)


def _command(contender: Contender, folder: Path) -> tuple[list[str], dict[str, str]]:
    """What runs the contender's steps, and its environment."""
    if contender.tool == "spacy":
        environment = {**os.environ, "BENCHMARK_ARCHITECTURE": contender.architecture, "PYTHONWARNINGS": "ignore"}
        return [sys.executable, "-m", "benchmarks.nlu.spacy_worker"], environment
    adapters = {"adapted": str(ROOT / ADAPTER), "published": "no_adapter.safetensors", "": ""}
    environment = engine_environment(ACTION_PORT, folder / "encoder") | {
        "BENCHMARK_ADAPTER": adapters[contender.encoder],
        # Rasa's cache would answer for a training that ought to be measured.
        "RASA_MAX_CACHE_SIZE": "0",
        "RASA_CACHE_DIRECTORY": "cache",
    }
    return [str(ENGINE_PYTHON), "-m", "benchmarks.nlu.rasa_worker"], environment


def _process(contender: Contender, step: str, folder: Path, say: Say) -> None:
    """Run one step, saying now and then that it still runs."""
    command, environment = _command(contender, folder)
    # A running model gets one thread, as in the stack; learning may have the whole machine.
    environment |= {"OMP_NUM_THREADS": str(os.cpu_count()) if step == "learn" else "1", "PYTHONPATH": str(ROOT)}
    environment["PYTHONUNBUFFERED"] = "1"
    what, log = f"{contender.name}: {step}", folder / "log.txt"
    started = time.monotonic()
    with log.open("ab") as output:
        process = subprocess.Popen(
            [*command, step], cwd=folder, env=environment, stdout=output, stderr=subprocess.STDOUT
        )
        try:
            while process.poll() is None:
                try:
                    process.wait(PROGRESS_SECONDS)
                except subprocess.TimeoutExpired:
                    say(f"  {what}, {time.monotonic() - started:.0f} s so far")
        finally:
            process.terminate()
    if process.returncode:
        raise ContenderError(f"{what} failed; the reason stands at the end of {log}")
    say(f"{what}: {time.monotonic() - started:.0f} s")
