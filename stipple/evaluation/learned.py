"""Accepted lessons as files: training phrases in the layout of ``data/nlu``, and cases for `stipple evaluate`."""

import io
import json
import zipfile
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from stipple.content.known import Finding, read_known
from stipple.content.merging import add_phrases, fragment
from stipple.evaluation.cases import Case
from stipple.evaluation.expecting import GROUP
from stipple.phrases import Phrase
from stipple.records.lesson_models import CASE, PHRASE, Lesson

CASES = "learned.jsonl"
# Zip files of the same lessons are the same.
LONG_AGO = (2020, 1, 1, 0, 0, 0)


@dataclass
class Summary:
    """What a merge changed, and which phrases the files cannot take, with what stands against them."""

    added: dict[str, list[str]] = field(default_factory=dict)
    cases: list[str] = field(default_factory=list)
    refused: list[tuple[Phrase, list[Finding]]] = field(default_factory=list)


def phrases_of(lessons: Iterable[Lesson]) -> list[Phrase]:
    """The training phrases among ``lessons``."""
    return [Phrase(s.label, s.text, f"{s.label.partition('/')[0]}.yml") for s in lessons if s.kind == PHRASE]


def case_of(lesson: Lesson) -> dict[str, Any]:
    """A lesson as a case; its id is of its words, so that two installations never give one twice."""
    words = {"text": lesson.text, "expect": lesson.expect, "group": GROUP}
    case = {"id": f"L-{lesson.mark[:10]}", "record": lesson.record, **words}
    Case.model_validate(case)
    return case


def files_of(lessons: list[Lesson]) -> dict[str, str]:
    """The text of each file, by its path: a fragment for each subject, and the cases."""
    subjects: defaultdict[str, list[Phrase]] = defaultdict(list)
    for phrase in phrases_of(lessons):
        subjects[phrase.file].append(phrase)
    files = {f"nlu/{name}": fragment(some) for name, some in sorted(subjects.items())}
    return files | {CASES: _lines([case_of(s) for s in lessons if s.kind == CASE])}


def _lines(cases: list[dict[str, Any]]) -> str:
    return "".join(f"{json.dumps(case, ensure_ascii=False)}\n" for case in cases)


def zipped(lessons: list[Lesson]) -> bytes:
    """The files as one zip file."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in files_of(lessons).items():
            archive.writestr(zipfile.ZipInfo(name, LONG_AGO), text)
    return buffer.getvalue()


def merge(lessons: list[Lesson], data: Path, tests: Path) -> Summary:
    """Add ``lessons`` to the project's own files; what stands there already is left alone.

    A phrase that the content check would refuse, because the files have changed since it was accepted, is left out.

    Raises:
        MergeError: when a label is not taught by any file.
    """
    known, fit, summary = read_known(data, tests), list[Phrase](), Summary()
    for phrase in phrases_of(lessons):
        against = [f for f in known.about_phrase(phrase.text, phrase.label) if f.stops]
        if any(f.kind == "known" for f in against):
            continue
        if against:
            summary.refused.append((phrase, against))
        else:
            fit.append(phrase)
    summary.added = add_phrases(data / "nlu", fit)
    path = tests / "conversations" / CASES
    before = path.read_text(encoding="utf-8") if path.exists() else ""
    ids = {json.loads(line)["id"] for line in before.split("\n") if line.strip()}
    new = [case for case in (case_of(s) for s in lessons if s.kind == CASE) if case["id"] not in ids]
    if new:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(before + _lines(new), encoding="utf-8")
    summary.cases = [case["id"] for case in new]
    return summary
