"""Compares our understanding with stock Rasa and spaCy, on the same phrases and in one run.

Run with `make benchmark-nlu`; it takes about half an hour on two cores and writes `benchmarks/results/`. `--per-label`
sets how many phrases of each label the contenders learn from, `--epochs` is Rasa's, for a quick trial.
"""

import argparse
import shutil
import sys
import tempfile
import time
from pathlib import Path

from benchmarks.nlu.confusion import confusion
from benchmarks.nlu.contenders import CONTENDERS, learn, read
from benchmarks.nlu.measures import by_test, figures
from benchmarks.nlu.messages import OUT_OF_SCOPE, gather, with_slips
from benchmarks.nlu.plot import plot
from benchmarks.nlu.report import page, table
from benchmarks.nlu.split import divide
from stipple.settings import ROOT

PER_LABEL = 10
SEED = 7
RASA_EPOCHS = 100


def say(line: str) -> None:
    """Progress, apart from the results."""
    print(line, file=sys.stderr, flush=True)


def main() -> None:
    """Divide the phrases, run the contenders one after another, write the pages and print the table."""
    options = _options()
    started = time.monotonic()
    split = divide(ROOT / "data" / "nlu", options.per_label, options.seed)
    tests = gather(split.held_out, ROOT / "tests" / "conversations", ROOT / "data" / "clinic", split.labels)
    sets = {
        "held_out": tests.held_out,
        "held_out_slips": with_slips(tests.held_out, options.seed),
        "others": tests.others,
        "others_slips": with_slips(tests.others, options.seed),
        OUT_OF_SCOPE: tests.out_of_scope,
    }
    messages = [message for part in sets.values() for message in part]
    say(f"{len(split.sample)} phrases to learn from, {len(split.labels)} labels, {len(messages)} messages to read")
    scratch = Path(tempfile.mkdtemp(prefix="benchmark-nlu-"))
    chosen = {scratch / str(i): c for i, c in enumerate(CONTENDERS) if options.only in c.name}
    for folder, contender in chosen.items():
        learn(contender, split, folder, options.epochs, say)
    # One straight after the other, so that whatever else the machine does slows them all alike.
    results = [read(contender, split, messages, folder, say) for folder, contender in chosen.items()]
    # Only now: when a contender fails, its log lies there.
    shutil.rmtree(scratch)
    found = [figures(result, sets) for result in results]
    command = f"--per-label {options.per_label} --seed {options.seed} --epochs {options.epochs}"
    minutes = (time.monotonic() - started) / 60
    readings = by_test(results[0], sets)
    ours = readings["others"] + readings[OUT_OF_SCOPE]
    pages = {
        "understanding.md": page(found, split, tests, command, minutes),
        "understanding.svg": plot(found),
        "confusion.md": confusion(ours, tests.others + tests.out_of_scope, results[0].contender.name),
    }
    options.out.mkdir(parents=True, exist_ok=True)
    for name, text in pages.items():
        (options.out / name).write_text(text, encoding="utf-8")
    print(table(found))


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Compare our understanding with stock Rasa and spaCy.")
    parser.add_argument("--per-label", type=int, default=PER_LABEL, help="phrases of each label to learn from")
    parser.add_argument("--seed", type=int, default=SEED, help="of the split and the typing slips")
    parser.add_argument("--epochs", type=int, default=RASA_EPOCHS, help="of Rasa's classifier; fewer only for a trial")
    parser.add_argument("--only", default="", help="run only contenders whose name contains this")
    parser.add_argument("--out", type=Path, default=ROOT / "benchmarks" / "results", help="folder of the results")
    return parser.parse_args()


if __name__ == "__main__":
    main()
