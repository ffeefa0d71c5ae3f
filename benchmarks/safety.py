"""How well danger signs are found: recall by level, false alarms by type, minimal pairs, every miss.

Run with `make benchmark-safety`. It reads messages that nothing was tuned on (`tests/screening/reported`) twice: with
the gateway's screen alone, and through the whole stack, where Rasa's own danger labels are the second net. With
``--misses`` it prints each miss too, after which those messages are no longer unseen. What the screen costs is told for
these messages, nearly all of which it reads twice, and for ordinary ones (`tests/conversations`).
"""

import asyncio
import sys
import time
from collections import defaultdict
from pathlib import Path
from statistics import median, quantiles

from scipy.stats import binomtest

from stipple.cli_evaluate import test_stack
from stipple.content.pack import load_pack
from stipple.evaluation.cases import Case, CaseAt, read_cases
from stipple.evaluation.run import evaluate
from stipple.screening.screen import Screen
from stipple.settings import ROOT
from stipple.stack.model import ensure_model

FOLDER = ROOT / "tests" / "screening" / "reported"
ORDINARY = ROOT / "tests" / "conversations"
REPORTED_LEVELS = ("emergency", "crisis", "doctor", "clinic")
AT_DOCTOR = {"doctor", "emergency", "crisis"}
# An emergency is answered before anything else is asked, so this part of a reply's trace is what was raised.
DANGER_KINDS = ("red_flag", "healing_sign")
PROGRESS_EVERY = 200


def is_right(case: Case, levels: set[str]) -> bool:
    """Whether the levels raised are what the case asks for."""
    return bool(levels & set(case.expect[0]["urgency"])) if case.expect else not levels & AT_DOCTOR


def share(found: list[bool]) -> str:
    """Count, share and exact 95 % bounds."""
    bounds = binomtest(sum(found), len(found)).proportion_ci(method="exact")
    part = 100 * sum(found) / len(found)
    return f"{sum(found):>4} / {len(found):<4} {part:5.1f} %   ({100 * bounds.low:.1f} to {100 * bounds.high:.1f} %)"


def middle_and_tail(milliseconds: list[float]) -> str:
    """Their median and 95th percentile."""
    return f"median {median(milliseconds):.1f} ms, p95 {quantiles(milliseconds, n=20)[-1]:.1f} ms"


def by_the_screen(cases: list[CaseAt]) -> tuple[list[set[str]], list[float]]:
    """The levels that the screen alone raises for each case, and the CPU milliseconds it took."""
    screen = Screen(ensure_model(print), load_pack(ROOT / "data" / "clinic").red_flags)
    levels, times = [], []
    for case in (c.case for c in cases):
        started = time.process_time()
        found = screen.read(case.messages[-1], case.record.day if case.record else None)
        times.append((time.process_time() - started) * 1000)
        levels.append({danger.level for danger in found.dangers})
    return levels, times


def by_the_stack(cases: list[CaseAt]) -> list[set[str]]:
    """The levels that patients are told of by the whole stack, with all its nets."""

    def progress(done: int) -> None:
        if done % PROGRESS_EVERY == 0:
            print(f"{done} of {len(cases)} messages", file=sys.stderr)

    with test_stack() as address:
        results = asyncio.run(evaluate(cases, address, progress))
    return [{t["urgency"] for t in r.answers if t["kind"] in DANGER_KINDS and "urgency" in t} for r in results]


def report(title: str, cases: list[CaseAt], levels: list[set[str]]) -> list[str]:
    """Print the figures; the misses."""
    groups: dict[str, list[bool]] = defaultdict(list)
    pairs: dict[str, list[bool]] = defaultdict(list)
    misses = []
    for case, found in zip((c.case for c in cases), levels, strict=True):
        right = is_right(case, found)
        (pairs[case.id[:-1]] if case.group == "pair" else groups[case.group]).append(right)
        if not right:
            misses.append(f"{title}: {case.id} {case.group}: {case.messages[-1]!r} raised {sorted(found)}")
    print(f"\n{title}\n  Recall at the level or above (exact 95 % bounds)")
    for level in REPORTED_LEVELS:
        print(f"    {level:<16} {share(groups.pop(level))}")
    print("  False alarms at doctor or above, by type of look-alike")
    for name, found in {**groups, "all": [right for g in groups.values() for right in g]}.items():
        print(f"    {name:<16} {share([not right for right in found])}")
    print(f"  Minimal pairs, both right\n    {'pairs':<16} {share([all(both) for both in pairs.values()])}")
    return misses


def main() -> None:
    """Read every reported message in both ways and print the figures."""
    folder = Path(next((a for a in sys.argv[1:] if not a.startswith("--")), FOLDER))
    cases = read_cases([folder])
    alone, times = by_the_screen(cases)
    misses = report("The screen alone", cases, alone)
    _, ordinary = by_the_screen(read_cases([ORDINARY]))
    print(f"  CPU time of a message: {middle_and_tail(times)}\n  of an ordinary one: {middle_and_tail(ordinary)}")
    misses += report("The whole stack", cases, by_the_stack(cases))
    if "--misses" in sys.argv:
        print("\n".join(misses))


if __name__ == "__main__":
    main()
