"""The model's name follows from what it is trained on, and from nothing else; its training is whole or it failed."""

import os
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from stipple.stack import model
from stipple.stack.model import StackError, ensure_model, model_path

INPUTS = [
    "config.yml",
    "domain.yml",
    "engine/uv.lock",
    "engine/phrases.py",
    "engine/understanding/model.py",
    "engine/understanding/adapter.safetensors",
    "stipple/encoder.py",
    "stipple/phrases.py",
    "stipple/screening/adapter.safetensors",
    "stipple/screening/classifier.py",
    "stipple/screening/learning.py",
    "stipple/screening/second.npz",
    "stipple/screening/second.safetensors",
    "data/screening/everyday.jsonl",
    "data/nlu/aftercare.yml",
    "data/nlu/more/goals.yml",
    "data/rules/forms.yml",
]
OTHERS = ["README.md", "endpoints.yml", "data/clinic/replies.yml", "data/nlu/notes.txt", "stipple/cli.py"]


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A repository of a few files."""
    for name in [*INPUTS, *OTHERS]:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(f"This is {name}.\n", encoding="utf-8")
    monkeypatch.setattr(model, "ROOT", tmp_path)
    monkeypatch.setattr(model, "MODELS", tmp_path / "models")
    monkeypatch.setattr(model, "ENGINE_PYTHON", tmp_path / "engine" / ".venv" / "bin" / "python")
    return tmp_path


def test_the_same_files_give_the_same_model(root: Path) -> None:
    before = model_path()
    assert before.parent == root / "models"
    assert before.name.startswith("stipple-")
    for name in INPUTS:
        os.utime(root / name, (0, 0))
    assert model_path() == before


@pytest.mark.parametrize("name", INPUTS)
def test_another_byte_gives_another_model(root: Path, name: str) -> None:
    before = model_path()
    content = (root / name).read_bytes()
    (root / name).write_bytes(content[:-2] + b"!\n")
    changed = model_path()
    assert changed != before
    (root / name).write_bytes(content)
    assert model_path() == before


@pytest.mark.parametrize(
    "name", ["data/nlu/new.yml", "data/rules/new.yml", "data/questions/new.jsonl", "engine/understanding/deep/new.py"]
)
def test_a_new_file_gives_another_model(root: Path, name: str) -> None:
    before = model_path()
    (root / name).parent.mkdir(parents=True, exist_ok=True)
    (root / name).touch()
    assert model_path() != before


def test_another_name_gives_another_model(root: Path) -> None:
    before = model_path()
    (root / "data" / "nlu" / "aftercare.yml").rename(root / "data" / "nlu" / "care.yml")
    assert model_path() != before


@pytest.mark.parametrize("name", OTHERS)
def test_what_is_not_learned_from_does_not_matter(root: Path, name: str) -> None:
    before = model_path()
    (root / name).write_text("Something else.\n", encoding="utf-8")
    assert model_path() == before


def test_a_model_that_is_there_is_not_trained_again(root: Path) -> None:
    path = model_path()
    path.mkdir(parents=True)
    (path / "rasa.tar.gz").write_bytes(b"a model")
    said: list[str] = []
    assert ensure_model(said.append) == path
    assert (said, (path / "rasa.tar.gz").read_bytes()) == ([], b"a model")


def test_without_the_engines_python_the_way_out_is_told(root: Path) -> None:
    said: list[str] = []
    with pytest.raises(StackError, match="make install"):
        ensure_model(said.append)
    assert said == []
    assert not (root / "models").exists()


def a_training(monkeypatch: pytest.MonkeyPatch, *lines: list[str]) -> None:
    """Instead of the real commands, which take minutes: lines of Python snippets, run in the model's folder."""
    model.ENGINE_PYTHON.parent.mkdir(parents=True, exist_ok=True)
    model.ENGINE_PYTHON.touch()

    def steps(folder: Path) -> list[list[list[str]]]:
        (folder / model.SECOND).mkdir(parents=True)
        return [[[sys.executable, "-c", f"folder = {str(folder)!r}\n{code}"] for code in line] for line in lines]

    monkeypatch.setattr(model, "_steps", steps)


@pytest.mark.usefixtures("root")
def test_the_lines_of_a_training_run_side_by_side_each_in_its_order(monkeypatch: pytest.MonkeyPatch) -> None:
    write = "open(folder + '/{0}', 'a').write('{1}')"
    wait = "import os, time\nwhile not os.path.exists(folder + '/there'): time.sleep(0.01)"
    a_training(monkeypatch, [wait, write.format("one", "a"), write.format("one", "b")], [write.format("there", "c")])
    made = ensure_model(lambda _: None)
    assert made == model_path()
    assert [(made / name).read_text() for name in ("one", "there")] == ["ab", "c"]


def test_a_command_that_fails_ends_the_training_and_names_the_log(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    a_training(monkeypatch, ["import time; time.sleep(60)"], ["raise SystemExit('no room left')"])
    started = time.monotonic()
    with pytest.raises(StackError, match=r"training\.log"):
        ensure_model(lambda _: None)
    assert time.monotonic() - started < 30
    assert "no room left" in (root / "models" / "training.log").read_text()
    assert not model_path().exists()


def test_of_two_trainings_the_second_waits_and_uses_what_the_first_made(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    model.ENGINE_PYTHON.parent.mkdir(parents=True)
    model.ENGINE_PYTHON.touch()
    (root / model.SECOND_CLASSIFIER).parent.mkdir(parents=True, exist_ok=True)
    trained, waits = [], threading.Event()

    def train(folder: Path, say: model.Say) -> None:
        trained.append(folder)
        assert waits.wait(10)
        (folder / model.SECOND).mkdir(parents=True)

    def say(line: str) -> None:
        if "waits" in line:
            waits.set()

    monkeypatch.setattr(model, "_train", train)
    with ThreadPoolExecutor() as both:
        first, second = both.submit(ensure_model, say), both.submit(ensure_model, say)
        assert first.result(20) == second.result(20) == model_path()
    assert len(trained) == 1
