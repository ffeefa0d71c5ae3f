"""Adding training phrases to the files of ``data/nlu`` without touching their layout."""

import re
from collections.abc import Iterable
from pathlib import Path

import yaml

from stipple.phrases import Phrase

BLOCK = re.compile(r"^  - (intent|lookup): (.+?)\s*$")
TOPIC = re.compile(r"^      topic: (.+?)\s*$")
ITEM = "      - "


class MergeError(Exception):
    """A phrase has no place in the files; the message says which."""


def add_phrases(folder: Path, phrases: Iterable[Phrase]) -> dict[str, list[str]]:
    """Add each phrase at the end of its label's block; the texts added, by file name.

    Phrases that stand there already are left out. All files are read before the first is written.

    Raises:
        MergeError: when a label has no block in any file.
    """
    files = {path: path.read_text(encoding="utf-8").split("\n") for path in sorted(folder.glob("*.yml"))}
    added: dict[str, list[str]] = {}
    for phrase in phrases:
        path, start, end = _block(files, phrase.label)
        lines = files[path]
        if f"{ITEM}{phrase.text}" in lines[start:end]:
            continue
        last = max(i for i in range(start, end) if lines[i].startswith(ITEM))
        lines.insert(last + 1, f"{ITEM}{phrase.text}")
        added.setdefault(path.name, []).append(phrase.text)
    for path, lines in files.items():
        if path.name in added:
            path.write_text("\n".join(lines), encoding="utf-8")
    return added


def _block(files: dict[Path, list[str]], label: str) -> tuple[Path, int, int]:
    """The file and the lines of the label's block of phrases."""
    for path, lines in files.items():
        starts = [i for i, line in enumerate(lines) if BLOCK.match(line)]
        for start, end in zip(starts, [*starts[1:], len(lines)], strict=True):
            if _label(lines[start:end]) == label:
                return path, start, end
    raise MergeError(f"{label}: no file teaches it, so the phrase cannot be added")


def _label(block: list[str]) -> str:
    head = BLOCK.match(block[0])
    if head is None or head[1] != "intent":
        return ""
    # Before the examples only: a phrase is indented deeper and cannot be mistaken for a topic.
    topic = next((m[1] for line in block if (m := TOPIC.match(line))), "")
    return f"{head[2]}/{topic}" if topic else head[2]


def fragment(phrases: Iterable[Phrase]) -> str:
    """Phrases of one subject as a file of their own, in the layout of ``data/nlu``."""
    blocks: dict[str, list[str]] = {}
    for phrase in phrases:
        blocks.setdefault(phrase.label, []).append(phrase.text)
    lines = ['version: "3.1"', "nlu:"]
    for label, texts in blocks.items():
        intent, _, topic = label.partition("/")
        lines += [f"  - intent: {intent}", *([f"    metadata:\n      topic: {topic}"] if topic else [])]
        lines += ["    examples: |", *(f"{ITEM}{text}" for text in texts)]
    text = "\n".join(lines) + "\n"
    yaml.safe_load(text)
    return text
