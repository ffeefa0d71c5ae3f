"""Where a patient stands now, in the words the patient gets: healing day, next session, and today's rules."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from stipple.care.healing import HealingDay, healing_today, upcoming
from stipple.care.plan import Ruling, rule
from stipple.care.record import PatientRecord
from stipple.care.telling import begun, tell
from stipple.console.words import VERDICTS, moment
from stipple.content.pack import Pack
from stipple.records.models import Patient
from stipple.records.patients import to_record
from stipple.records.wordings import Published

# What patients ask most in the first weeks; a topic with a rule of the patient's own stands among them too.
MAIN = ("water", "shampoo", "exercise", "sun", "swimming", "hat", "razor", "moisturiser", "alcohol", "work")


@dataclass(frozen=True)
class Rule:
    """What holds today for one topic; ``answer`` is what the patient reads, ``own`` says whether by an own rule."""

    topic: str
    title: str
    verdict: str
    answer: str
    own: bool

    @property
    def verdict_name(self) -> str:
        """The verdict in words."""
        return VERDICTS[self.verdict]


@dataclass(frozen=True)
class Standing:
    """Where the patient stands; no rule before the first session."""

    healing: HealingDay | None
    next_session: datetime | None
    rules: tuple[Rule, ...]

    @property
    def main(self) -> list[Rule]:
        """The rules that are asked for most."""
        wanted = [r for r in self.rules if r.own or r.topic in MAIN]
        return wanted or list(self.rules[: len(MAIN)])

    @property
    def other(self) -> list[Rule]:
        """The rules that are asked for less."""
        main = self.main
        return [r for r in self.rules if r not in main]


def standing(patient: Patient, pack: Pack, wordings: dict[str, Published], now: datetime) -> Standing:
    """Where ``patient`` stands at the moment ``now``."""
    record = to_record(patient, pack.profile.zone)
    coming = upcoming(record, now)
    return Standing(
        healing=healing_today(record, now),
        next_session=coming[0].starts_at if coming else None,
        rules=tuple(_rules(record, pack, wordings, now)),
    )


def _rules(record: PatientRecord, pack: Pack, wordings: dict[str, Published], now: datetime) -> Iterator[Rule]:
    today = record.local_date(now)
    for topic in pack.care_plan.values():
        ruling = rule(topic, record, today, now)
        if ruling:
            answer = answer_of(ruling, record, pack, wordings, now)
            yield Rule(topic.id, topic.title, ruling.verdict, answer, ruling.override is not None)


def answer_of(ruling: Ruling, record: PatientRecord, pack: Pack, wordings: dict[str, Published], now: datetime) -> str:
    """What the patient reads of a ruling."""
    published = wordings.get(ruling.rule_id)
    text = published.text if published else ruling.window.text
    return tell(ruling, record.local_date(now), text, partial(_say, pack))


def _say(pack: Pack, name: str, **values: object) -> str:
    return pack.replies[name].format(**values)


@dataclass(frozen=True)
class Difference:
    """One thing of the patient's that a change to the record changes."""

    what: str
    before: str
    after: str


def differences(before: Standing, after: Standing, pack: Pack, now: datetime) -> list[Difference]:
    """What is another for the patient today: healing day, next session and verdicts."""
    found = [
        Difference("Healing day today", _day(before), _day(after)),
        Difference("Next session", _next(before, pack, now), _next(after, pack, now)),
    ]
    old, new = ({r.topic: r for r in s.rules} for s in (before, after))
    for topic in pack.care_plan.values():
        one, two = old.get(topic.id), new.get(topic.id)
        found.append(Difference(begun(topic.title), _verdict(one), _verdict(two)))
    return [d for d in found if d.before != d.after]


def _day(standing: Standing) -> str:
    return f"Day {standing.healing.day}" if standing.healing else "No session yet"


def _next(standing: Standing, pack: Pack, now: datetime) -> str:
    return moment(standing.next_session, now, pack.profile.zone) if standing.next_session else "None booked"


def _verdict(rule: Rule | None) -> str:
    if rule is None:
        return "No rule yet"
    return f"{rule.verdict_name} (own rule)" if rule.own else rule.verdict_name
