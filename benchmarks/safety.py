"""How well the gateway's screen finds danger signs: recall by level, false alarms by type, minimal pairs, every miss.

Run with `make benchmark-safety`. It reads messages that nothing was tuned on (`tests/screening/reported`); with
`--misses` it prints each miss too, after which those messages are no longer unseen.
"""

import json
import sys
import time
from collections import defaultdict
from pathlib import Path
from statistics import median, quantiles
from typing import Any

from scipy.stats import binomtest

from stipple.content.pack import load_pack
from stipple.screening.screen import Screen
from stipple.settings import ROOT
from stipple.stack.model import ensure_model

FOLDER = ROOT / "tests" / "screening" / "reported"
LEVELS = ("emergency", "crisis", "doctor", "clinic")
AT_DOCTOR = {"doctor", "emergency", "crisis"}


def read(name: str) -> list[dict[str, Any]]:
    """The cases of one file."""
    return [json.loads(line) for line in Path(FOLDER, f"{name}.jsonl").read_text(encoding="utf-8").splitlines()]


def is_right(case: dict[str, Any], levels: set[str]) -> bool:
    """Whether the levels raised are what the case asks for."""
    return bool(levels & set(case["expect"][0]["urgency"])) if case["expect"] else not levels & AT_DOCTOR


def share(found: list[bool]) -> str:
    """Count, share and exact 95 % bounds."""
    bounds = binomtest(sum(found), len(found)).proportion_ci(method="exact")
    part = 100 * sum(found) / len(found)
    return f"{sum(found):>4} / {len(found):<4} {part:5.1f} %   ({100 * bounds.low:.1f} to {100 * bounds.high:.1f} %)"


def main() -> None:
    """Read every reported message and print the figures."""
    screen = Screen(ensure_model(print), load_pack(ROOT / "data" / "clinic").red_flags)
    groups: dict[str, list[bool]] = defaultdict(list)
    pairs: dict[str, list[bool]] = defaultdict(list)
    times, misses = [], []
    for case in (case for name in ("positives", "lookalikes", "pairs") for case in read(name)):
        started = time.process_time()
        found = screen.read(case["text"], (case["record"] or {}).get("day"))
        times.append((time.process_time() - started) * 1000)
        right = is_right(case, {d.level for d in found.dangers})
        if case["group"] == "pair":
            pairs[case["id"][:-1]].append(right)
        else:
            groups[case["group"]].append(right)
        if not right:
            misses.append(f"{case['id']} {case['group']}: {case['text']!r} raised {[d.flag for d in found.dangers]}")
    print("Recall at the level or above (exact 95 % bounds)")
    for level in LEVELS:
        print(f"  {level:<16} {share(groups[level])}")
    calm = {name: found for name, found in groups.items() if name not in LEVELS}
    print("False alarms at doctor or above, by type of look-alike")
    for name, found in calm.items():
        print(f"  {name:<16} {share([not right for right in found])}")
    print(f"  {'all':<16} {share([not right for found in calm.values() for right in found])}")
    print(f"Minimal pairs, both right\n  {'pairs':<16} {share([all(both) for both in pairs.values()])}")
    print(f"CPU time of a message: median {median(times):.1f} ms, p95 {quantiles(times, n=20)[-1]:.1f} ms")
    if "--misses" in sys.argv:
        print("\n".join(misses))


if __name__ == "__main__":
    main()
