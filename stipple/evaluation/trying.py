"""What new phrases would change: the cases before and after a training with them, in a copy of the project.

The copy keeps the present model and files as they are, whatever comes of it.
"""

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from stipple.settings import ROOT
from stipple.stack.model import StackError

LEFT_OUT = (".git", ".venv", ".tools", "models", "var", "__pycache__", "node_modules")
ENGINE = Path("engine", ".venv")
Say = Callable[[str], None]


@dataclass(frozen=True)
class Score:
    """How one set of cases came out before and after; ``lost`` and ``won`` are the ids that changed."""

    name: str
    total: int
    before: int
    after: int
    lost: list[str]
    won: list[str]


@contextmanager
def copy_of(root: Path = ROOT) -> Iterator[Path]:
    """A copy of the project in a scratch folder, which trains and runs by itself."""
    with tempfile.TemporaryDirectory(prefix="stipple-try-") as name:
        copy = Path(name) / "project"
        shutil.copytree(root, copy, ignore=shutil.ignore_patterns(*LEFT_OUT), symlinks=True)
        (copy / ENGINE).symlink_to((root / ENGINE).resolve())
        yield copy


def run_cases(root: Path, cases: list[Path], results: Path) -> list[dict[str, Any]]:
    """Play ``cases`` through the stack of the project at ``root``, which trains its model first if it has none.

    Raises:
        StackError: when the stack could not run.
    """
    command = [sys.executable, "-m", "stipple", "evaluate", *map(str, cases), "--results", str(results)]
    # The copy's own code and files, whatever this process was started with.
    environment = {**os.environ, "PYTHONPATH": str(root)}
    ran = subprocess.run(command, cwd=root, env=environment, stdout=subprocess.DEVNULL, check=False)
    if ran.returncode:
        raise StackError(f"the cases could not be played in {root}; see the lines above")
    return [json.loads(line) for line in results.read_text(encoding="utf-8").split("\n") if line]


def compare(name: str, before: list[dict[str, Any]], after: list[dict[str, Any]]) -> Score:
    """The scores of the same cases, in the same order, before and after."""
    pairs = list(zip(before, after, strict=True))
    lost = [b["id"] for b, a in pairs if b["passed"] and not a["passed"]]
    won = [a["id"] for b, a in pairs if a["passed"] and not b["passed"]]
    return Score(name, len(pairs), sum(b["passed"] for b in before), sum(a["passed"] for a in after), lost, won)


def report(scores: list[Score]) -> str:
    """The scores as lines of text, with every case that changed."""
    lines = [f"{'':<28} {'before':>12} {'after':>12}"]
    for s in scores:
        lines.append(f"{s.name:<28} {f'{s.before} / {s.total}':>12} {f'{s.after} / {s.total}':>12}")
    for s in scores:
        lines += [f"lost {case} ({s.name})" for case in s.lost]
        lines += [f"won  {case} ({s.name})" for case in s.won]
    return "\n".join(lines)


def before_and_after(root: Path, copy: Path, learned: Path, tests: Path, folder: Path, say: Say) -> tuple[Score, Score]:
    """Play the learned cases and the project's own, with the present model and with the copy's, which learns first.

    ``tests`` are the project's cases as they were before anything was merged; results go to ``folder``.

    Raises:
        StackError: when one of the two could not be trained or run.
    """
    paths = {"learned": learned, "tests": tests}
    sizes = [sum(1 for _ in _lines(learned))]
    found = []
    for name, project in (("before", root), ("after", copy)):
        say(f"Playing the cases {'with the present model' if name == 'before' else 'after learning the new phrases'}.")
        found.append(run_cases(project, list(paths.values()), folder / f"{name}.jsonl"))
    parts = [(rows[: sizes[0]], rows[sizes[0] :]) for rows in found]
    return compare("learned cases", parts[0][0], parts[1][0]), compare(tests.name, parts[0][1], parts[1][1])


def _lines(path: Path) -> Iterator[str]:
    return (line for line in path.read_text(encoding="utf-8").split("\n") if line.strip())
