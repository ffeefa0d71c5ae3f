"""Adding phrases to the training files keeps them as they are."""

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from stipple.content.merging import MergeError, add_phrases, fragment
from stipple.evaluation.cases import read_cases
from stipple.evaluation.learned import CASES, files_of, merge
from stipple.phrases import Phrase, read_phrases, read_terms
from stipple.records.lesson_models import CASE, PHRASE, Lesson
from stipple.settings import ROOT

NEW = [
    Phrase("aftercare/water", "may a tidal wave: drench my noggin? 'no'", ""),
    Phrase("unclear", "# beg your pardon old bean - pardon", ""),
    Phrase("aftercare/water", "zzz drenched by a fountain", ""),
]


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """The project's own phrases, and one case."""
    shutil.copytree(ROOT / "data" / "nlu", tmp_path / "data" / "nlu")
    cases = tmp_path / "tests" / "conversations"
    cases.mkdir(parents=True)
    case = {"id": "A", "text": "may a fountain in spain wet me", "expect": [{"kind": "aftercare"}]}
    (cases / "a.jsonl").write_text(json.dumps(case) + "\n")
    return tmp_path


def lesson(kind: str, text: str, label: str = "aftercare/water") -> Lesson:
    expect: list[dict[str, Any]] = [{"kind": "aftercare", "topic": ["water"]}] if kind == CASE else []
    return Lesson(kind=kind, label=label, text=text, mark=text.ljust(64, "0"), record=None, expect=expect)


def test_only_new_lines_are_added_each_under_its_label(project: Path) -> None:
    folder = project / "data" / "nlu"
    before, terms = read_phrases(folder), read_terms(folder)
    texts = {p.name: p.read_text() for p in folder.glob("*.yml")}
    assert {name: len(found) for name, found in add_phrases(folder, NEW).items()} == {
        "aftercare.yml": 2,
        "unclear.yml": 1,
    }
    after = read_phrases(folder)
    assert {(p.label, p.text) for p in after} - {(p.label, p.text) for p in before} == {(p.label, p.text) for p in NEW}
    assert read_terms(folder) == terms
    for path in folder.glob("*.yml"):
        rest = [line for line in path.read_text().split("\n") if line[8:] not in {p.text for p in NEW}]
        assert "\n".join(rest) == texts[path.name]
    assert add_phrases(folder, NEW) == {}


def test_a_label_without_a_place_changes_nothing(project: Path) -> None:
    folder = project / "data" / "nlu"
    before = {p: p.read_bytes() for p in folder.glob("*.yml")}
    with pytest.raises(MergeError, match="aftercare/nothing"):
        add_phrases(folder, [NEW[0], Phrase("aftercare/nothing", "x", "")])
    assert {p: p.read_bytes() for p in folder.glob("*.yml")} == before


def test_a_fragment_is_read_as_it_was_written(tmp_path: Path) -> None:
    (tmp_path / "x.yml").write_text(fragment(NEW))
    assert sorted(p[:2] for p in read_phrases(tmp_path)) == sorted(p[:2] for p in NEW)


def test_merging_twice_changes_nothing(project: Path) -> None:
    lessons = [
        lesson(PHRASE, "drenched by a geyser, is my noggin ok"),
        lesson(PHRASE, "may a fountain in spain wet me"),
        lesson(CASE, "can i stand below a gargoyle when it rains"),
    ]
    first = merge(lessons, project / "data", project / "tests")
    assert first.added == {"aftercare.yml": ["drenched by a geyser, is my noggin ok"]}
    assert len(first.cases) == 1
    assert [(phrase.text, [f.kind for f in against]) for phrase, against in first.refused] == [
        ("may a fountain in spain wet me", ["tested"])
    ]
    assert len(read_cases([project / "tests" / "conversations" / CASES])) == 1
    written = {p: p.read_bytes() for p in project.rglob("*.*") if p.is_file()}
    again = merge(lessons, project / "data", project / "tests")
    assert (again.added, again.cases) == ({}, [])
    assert {p: p.read_bytes() for p in project.rglob("*.*") if p.is_file()} == written


def test_the_exported_files_are_those_of_the_project(tmp_path: Path) -> None:
    files = files_of([lesson(PHRASE, "one"), lesson(PHRASE, "two", "goals/hairline"), lesson(CASE, "three")])
    assert list(files) == ["nlu/aftercare.yml", "nlu/goals.yml", CASES]
    (tmp_path / CASES).write_text(files[CASES])
    (case,) = read_cases([tmp_path])
    assert (case.case.text, case.case.group) == ("three", "learned")
