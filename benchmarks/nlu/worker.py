"""What every contender's process does: learn once, or load and read messages one at a time.

Standard library only, because the engine's and the application's Python both run it.
"""

import json
import os
import resource
import sys
import time
from collections.abc import Callable
from pathlib import Path

# Labels with their probabilities, best first, and whether the contender as shipped would refuse the message.
Reading = tuple[list[tuple[str, float]], bool]
WARM_UP = 20


def learn(folder: Path, train: Callable[[], None]) -> None:
    """Run ``train`` and write how long it took."""
    started = time.perf_counter()
    train()
    (folder / "learned.json").write_text(json.dumps({"seconds": time.perf_counter() - started}), encoding="utf-8")


def read_all(folder: Path, load: Callable[[], Callable[[str], Reading]]) -> None:
    """Load the model, read every text of ``texts.json`` and write the readings, times and memory."""
    texts: list[str] = json.loads((folder / "texts.json").read_text(encoding="utf-8"))
    started = time.perf_counter()
    read = load()
    loaded = time.perf_counter() - started
    for text in texts[:WARM_UP]:
        read(text)
    readings, times, processor = [], [], []
    for text in texts:
        began, used = time.perf_counter(), time.process_time()
        readings.append(read(text))
        processor.append((time.process_time() - used) * 1000)
        times.append((time.perf_counter() - began) * 1000)
    figures: dict[str, object] = {"load_seconds": loaded, "memory_mb": _peak_megabytes(), "readings": readings}
    figures |= {"milliseconds": times, "processor_milliseconds": processor}
    (folder / "read.json").write_text(json.dumps(figures), encoding="utf-8")


def _peak_megabytes() -> float:
    """Most memory this process ever held; Linux's own count also keeps what the parent held before the start."""
    status = Path("/proc/self/status")
    if status.exists():
        return next(int(x.split()[1]) for x in status.read_text().splitlines() if x.startswith("VmHWM")) / 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20


def argument(name: str) -> str:
    """One setting of the contender, from its process's environment."""
    return os.environ[f"BENCHMARK_{name.upper()}"]


def main(train: Callable[[], None], load: Callable[[], Callable[[str], Reading]]) -> None:
    """Do the step that the command line names, in the contender's own folder."""
    folder = Path.cwd()
    if sys.argv[1] == "learn":
        learn(folder, train)
    else:
        read_all(folder, load)
