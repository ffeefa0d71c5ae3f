"""From readings to figures: how often each contender is right, and how well it tells what is out of scope."""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median, quantiles

import numpy as np
from sklearn.metrics import f1_score, roc_auc_score

from benchmarks.nlu.contenders import Result
from benchmarks.nlu.messages import OUT_OF_SCOPE, Message

# Share of messages in scope that may be refused wrongly when the recall of refusing is compared.
FALSE_REJECTION = 0.03
CONDITIONS = ("held_out", "held_out_slips", "others", "others_slips")

Reading = tuple[list[tuple[str, float]], bool]


@dataclass(frozen=True)
class Figures:
    """What is reported of one contender; ``accuracy`` goes by the condition."""

    result: Result
    accuracy: dict[str, float]
    macro_f1: float
    auroc: float
    recall: float
    refused_out_of_scope: float
    refused_in_scope: float
    latency_median: float
    latency_p95: float
    processor_median: float


def figures(result: Result, tests: dict[str, list[Message]]) -> Figures:
    """The figures of ``result``, whose readings are those of all ``tests`` one after the other."""
    readings = by_test(result, tests)
    inside, outside = readings["others"], readings[OUT_OF_SCOPE]
    wanted = [next(iter(m.right)) for m in tests["held_out"]]
    scores = [[doubt(r) for r in part] for part in (inside, outside)]
    return Figures(
        result,
        {name: accuracy(readings[name], tests[name]) for name in CONDITIONS},
        float(f1_score(wanted, [chosen(r) for r in readings["held_out"]], average="macro", zero_division=0.0)),
        float(roc_auc_score([0] * len(inside) + [1] * len(outside), scores[0] + scores[1])),
        recall_of_refusing(*scores),
        float(np.mean([refused for _, refused in outside])),
        float(np.mean([refused for _, refused in inside])),
        median(result.milliseconds),
        quantiles(result.milliseconds, n=20)[-1],
        median(result.processor_milliseconds),
    )


def by_test(result: Result, tests: dict[str, list[Message]]) -> dict[str, list[Reading]]:
    """The readings of ``result``, divided as the messages are."""
    readings, start = {}, 0
    for name, messages in tests.items():
        readings[name] = result.readings[start : start + len(messages)]
        start += len(messages)
    return readings


def chosen(reading: Reading) -> str:
    """The label a contender finds likeliest."""
    return reading[0][0][0]


def doubt(reading: Reading) -> float:
    """How much speaks for refusing, 0 to 1: what the likeliest label in scope leaves open, for every contender."""
    return 1.0 - max((p for label, p in reading[0] if not label.startswith(OUT_OF_SCOPE)), default=0.0)


def accuracy(readings: Sequence[Reading], messages: Sequence[Message]) -> float:
    """Share of messages whose chosen label is among the right ones."""
    return float(np.mean([chosen(r) in m.right for r, m in zip(readings, messages, strict=True)]))


def recall_of_refusing(inside: Sequence[float], outside: Sequence[float]) -> float:
    """Share of ``outside`` that is refused where at most 3 % of ``inside`` are."""
    allowed = int(FALSE_REJECTION * len(inside))
    border = sorted(inside, reverse=True)[allowed]
    return float(np.mean([score > border for score in outside]))
