"""Which labels our model takes for which, on messages of other voices. No message is quoted: they stay unseen."""

from collections import Counter, defaultdict
from collections.abc import Sequence

from benchmarks.nlu.measures import Reading, chosen
from benchmarks.nlu.messages import Message

MOST_PAIRS = 40


def confusion(readings: Sequence[Reading], messages: Sequence[Message], name: str) -> str:
    """The page about the contender ``name``: accuracy by kind, a matrix of kinds, and the pairs most often confused."""
    right: dict[str, list[bool]] = defaultdict(list)
    kinds: Counter[tuple[str, str]] = Counter()
    pairs: Counter[tuple[str, str]] = Counter()
    for reading, message in zip(readings, messages, strict=True):
        found = chosen(reading)
        kind = kind_of(min(message.right))
        right[kind].append(found in message.right)
        kinds[kind, kind_of(found)] += 1
        if found not in message.right:
            pairs[_named(message.right), found] += 1
    parts = [
        "# What our model confuses\n",
        f"Of the contender “{name}” in [understanding.md](understanding.md), on {len(messages)} messages of other",
        "voices, those out of scope included. Written by `make benchmark-nlu`.\n",
        "## By kind\n",
        *_by_kind(right, kinds),
        "\n## Kinds taken for each other\n",
        "Rows: what was asked; columns: what was understood.\n",
        *_matrix(kinds),
        f"\n## Labels taken for each other\n\n{sum(pairs.values())} misses in {len(pairs)} pairs; "
        f"the {min(MOST_PAIRS, len(pairs))} most frequent:\n",
        "| asked | understood | times |",
        "|---|---|---:|",
        *(f"| {asked} | {found} | {n} |" for (asked, found), n in sorted(pairs.items(), key=_order)[:MOST_PAIRS]),
    ]
    return "\n".join(parts) + "\n"


def kind_of(label: str) -> str:
    """First part of a label."""
    return label.split("/")[0]


def _order(item: tuple[tuple[str, str], int]) -> tuple[int, tuple[str, str]]:
    return -item[1], item[0]


def _named(right: frozenset[str]) -> str:
    """The labels that would have been right; the many of one kind by the kind alone."""
    return " or ".join(sorted(right)) if len(right) < 4 else f"{kind_of(min(right))}, {len(right)} labels"


def _by_kind(right: dict[str, list[bool]], kinds: Counter[tuple[str, str]]) -> list[str]:
    lines = ["| kind | messages | label right | kind right |", "|---|---:|---:|---:|"]
    for kind, found in sorted(right.items(), key=lambda item: -len(item[1])):
        share, same = sum(found) / len(found), kinds[kind, kind] / len(found)
        lines.append(f"| {kind} | {len(found)} | {100 * share:.1f} % | {100 * same:.1f} % |")
    return lines


def _matrix(kinds: Counter[tuple[str, str]]) -> list[str]:
    names = sorted({name for pair in kinds for name in pair})
    lines = ["| | " + " | ".join(names) + " |", "|---|" + "---:|" * len(names)]
    for asked in sorted({pair[0] for pair in kinds}):
        cells = (str(kinds[asked, found] or "") for found in names)
        lines.append(f"| **{asked}** | " + " | ".join(cells) + " |")
    return lines
