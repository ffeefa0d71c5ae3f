"""The whole content check on a care plan that is not saved yet, its problems in plain words by window and field."""

import re
from dataclasses import dataclass
from datetime import date

from stipple.care.plan_words import Problem
from stipple.content.check import check
from stipple.content.judging import HIGHEST_GRADE
from stipple.content.pack import Pack
from stipple.content.schema import CareTopic
from stipple.settings import ROOT

PLACE = re.compile(r"aftercare/(?P<topic>\w+)/(?P<span>[\d-]+) (?P<field>text|why|simpler): (?P<message>.*)", re.DOTALL)
TOO_HARD = re.compile(r"reading grade ([\d.]+) is above")
FORBIDDEN = re.compile(r"must never (?P<what>.+?): (?P<words>['\"].*)", re.DOTALL)


@dataclass(frozen=True)
class Checked:
    """Problems of the topic's own fields, and those of other parts of the content, which it did not make."""

    own: list[Problem]
    others: list[str]


def run_check(pack: Pack, topic: CareTopic, today: date) -> Checked:
    """What `stipple content check` says of ``pack``, in which ``topic`` is as it shall be."""
    own, others = [], []
    spans = [w.span for w in topic.windows]
    for line in check(pack, ROOT / "data", ROOT / "tests", today):
        match = PLACE.fullmatch(line)
        if match and match["topic"] == topic.id and match["span"] in spans:
            own.append(Problem(spans.index(match["span"]), match["field"], plain(match["message"])))
        else:
            others.append(line)
    return Checked(own, others)


def plain(message: str) -> str:
    """A line of the content check as its page says it."""
    if hard := TOO_HARD.match(message):
        return (
            f"This is too hard to read: school grade {hard[1]}, and at most {HIGHEST_GRADE:.0f} is allowed. Use shorter"
            " sentences and shorter words."
        )
    if forbidden := FORBIDDEN.match(message):
        return f"The assistant must never {forbidden['what']}. Take out: {forbidden['words']}"
    return message[:1].upper() + message[1:] + "."
