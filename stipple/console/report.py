"""The tables of a monthly report, each with its headings, so that a page and a download show the same."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from math import ceil
from statistics import median
from zoneinfo import ZoneInfo

from sqlalchemy import distinct, func, literal, select
from sqlalchemy.orm import Session as DbSession

from stipple.care.clarity import Count
from stipple.care.days import FIRST_DAYS, group_name
from stipple.care.levels import LEVELS
from stipple.console.alike import Reader, together
from stipple.console.charts import Labelled
from stipple.console.clarity import name_of, totals_of
from stipple.console.words import CHANNELS, KINDS, LEVEL_NAMES, spaced
from stipple.content.pack import Pack
from stipple.records.clarity_compare import compare_versions
from stipple.records.clarity_models import EVERY_DAY, NO_DAY, ClarityCount
from stipple.records.models import Alert, Message, Wording
from stipple.records.month_models import MonthMissed, MonthTalk, MonthTopic
from stipple.records.months import begin_of, month_of, zone_of
from stipple.records.staff_models import Audit

QUICK = timedelta(minutes=10)
# Of the messages that were not understood, the latest are read and put together.
MOST_MISSED = 200
MOST_GROUPS = 20
# What is drawn of a table: so many rows as bars, and so many by healing day.
MOST_BARS = 10
MOST_BY_DAY = 4
CHANGES = {
    "clearer": "Clearer than before",
    "worse": "Less clear than before",
    "alike": "No sure difference",
    "unknown": "Not enough patients yet",
    "": "First wording",
}
Value = str | int


@dataclass(frozen=True)
class Table:
    """One table; ``empty`` is what to say without rows.

    ``chart`` is the column whose numbers are drawn as bars; right after it stand those of healing days, if there are
    ``days``, each the first day that its column counts.
    """

    key: str
    title: str
    about: str
    head: Sequence[str]
    rows: Sequence[Sequence[Value]]
    empty: str
    chart: int | None = None
    days: Sequence[int] = ()

    @property
    def bars(self) -> list[Labelled]:
        """The first labels with the numbers that are drawn."""
        if self.chart is None:
            return []
        return [(str(row[0]), int(row[self.chart])) for row in self.rows[:MOST_BARS]]

    @property
    def by_day(self) -> list[tuple[str, list[Labelled]]]:
        """The first labels of which a healing day is known, with what is drawn of their days."""
        if self.chart is None:
            return []
        names, start = [str(day) for day in self.days], self.chart + 1
        found = [(str(row[0]), [int(n) for n in row[start : start + len(names)]]) for row in self.rows]
        known = [(label, numbers) for label, numbers in found if any(numbers)]
        return [(label, list(zip(names, numbers, strict=True))) for label, numbers in known[:MOST_BY_DAY]]


def months(db: DbSession, now: datetime) -> list[date]:
    """Every month with a turn, and the present one, the latest first."""
    found = set(db.scalars(select(MonthTalk.month).distinct())) | {month_of(now, zone_of(db))}
    return sorted(found, reverse=True)


def report(db: DbSession, month: date, pack: Pack, reader: Reader) -> list[Table]:
    """Every table of the month."""
    zone = zone_of(db)
    span = begin_of(month, zone), begin_of(next_month(month), zone)
    return [
        _channels(db, month),
        _answered(db, month),
        _danger(db, span),
        _clarity(db, span, pack, zone),
        _topics(db, month, pack),
        _missed(db, month, reader),
    ]


def next_month(month: date) -> date:
    """The first day of the month after."""
    return (month + timedelta(days=31)).replace(day=1)


def _channels(db: DbSession, month: date) -> Table:
    counts = (func.count(), func.count(distinct(MonthTalk.person)), func.sum(MonthTalk.turns))
    mine = MonthTalk.month == month
    query = select(MonthTalk.channel, *counts).where(mine).group_by(MonthTalk.channel).order_by(MonthTalk.channel)
    rows: list[list[Value]] = [[CHANNELS.get(row[0], row[0]), *(int(n) for n in row[1:])] for row in db.execute(query)]
    if len(rows) > 1:
        total = db.execute(select(*counts).where(mine)).one()
        rows.append(["All", *(int(n or 0) for n in total)])
    head = ("Came by", "Conversations", "Patients and visitors", "Messages answered")
    about = "Conversations in which somebody wrote in this month. Each patient counts once in a row."
    return Table("channels", "Conversations and patients", about, head, rows, "Nobody wrote in this month.")


def _answered(db: DbSession, month: date) -> Table:
    sums = (func.sum(MonthTalk.turns), func.sum(MonthTalk.needed_person), func.sum(MonthTalk.missed))
    mine = MonthTalk.month == month
    turns, needed, missed = (int(n or 0) for n in db.execute(select(*sums).where(mine)).one())
    talks = db.scalar(select(func.count()).where(mine)) or 0
    # A turn may be both; it is taken away once only when it is told as one.
    alone = db.scalar(select(func.count()).where(mine, MonthTalk.needed_person == 0)) or 0
    rows: list[list[Value]] = [
        ["Messages that needed no person", turns - needed, turns, share(turns - needed, turns)],
        ["Conversations that needed no person", alone, talks, share(alone, talks)],
        ["Messages the assistant could not place", missed, turns, share(missed, turns)],
    ]
    about = (
        "A person was needed when the patient asked for one, when the assistant told of a danger sign, or when it "
        "could not answer in time. Messages it could not place are counted on their own: it asked the patient again."
    )
    head, empty = ("What", "How many", "Of all", "Share"), "Nobody wrote in this month."
    return Table("answered", "Answered without staff", about, head, rows if turns else [], empty)


def share(part: int, whole: int) -> str:
    """A share as people write it."""
    return f"{100 * part / whole:.1f} %" if whole else "none"


def _danger(db: DbSession, span: tuple[datetime, datetime]) -> Table:
    raised = (Alert.raised_at >= span[0], Alert.raised_at < span[1])
    seen = (Audit.subject == literal("conversation/") + Alert.conversation_id, Audit.at >= Alert.raised_at)
    views = select(Alert.id, func.min(Audit.at)).join(Audit, (seen[0] & seen[1] & (Audit.action == "viewed")))
    first = {row[0]: row[1] for row in db.execute(views.where(*raised).group_by(Alert.id))}
    query = select(Alert.id, Alert.level, Alert.raised_at, Alert.taken_at, Alert.closed_at).where(*raised)
    found: defaultdict[str, list[tuple[timedelta | None, timedelta | None]]] = defaultdict(list)
    for number, level, at, taken, closed in db.execute(query):
        done = [moment for moment in (taken, closed) if moment]
        reads = [*done, first[number]] if number in first else done
        found[level].append((min(reads) - at if reads else None, min(done) - at if done else None))
    rows: list[list[Value]] = []
    for level in reversed([name for name in LEVELS if name in found]):
        pairs = found[level]
        times = (*_times([pair[0] for pair in pairs]), *_times([pair[1] for pair in pairs]))
        rows.append([LEVEL_NAMES[level], len(pairs), *times])
    head = ["Level", "Raised"]
    for what in ("read", "taken"):
        head += [f"Half were {what} within", f"9 of 10 were {what} within", f"{what.capitalize()} within 10 minutes"]
        head += [f"Not {what} yet"]
    about = (
        "Read: a member of staff opened the conversation, took the danger sign or closed it. Taken: somebody took or "
        "closed it. Times count from when the sign was first raised; those not read or taken yet count as slower than "
        "ten minutes and are left out of the other times."
    )
    return Table("danger", "Danger signs", about, head, rows, "No danger sign was raised in this month.", 1)


def _times(waits: Sequence[timedelta | None]) -> list[Value]:
    """Median, 90th percentile, how many were quick, and how many are open still."""
    known = sorted(wait for wait in waits if wait is not None)
    quick, still = sum(wait <= QUICK for wait in known), len(waits) - len(known)
    if not known:
        return ["none yet", "none yet", quick, still]
    middle = timedelta(seconds=median(wait.total_seconds() for wait in known))
    return [lasting(middle), lasting(known[ceil(0.9 * len(known)) - 1]), quick, still]


def lasting(wait: timedelta) -> str:
    """A time in the units a person thinks in."""
    minutes = round(wait.total_seconds() / 60)
    if minutes < 60:
        return f"{minutes} min" if minutes else "under 1 min"
    if minutes < 48 * 60:
        return f"{minutes // 60} h {minutes % 60} min"
    return f"{minutes // (24 * 60)} days"


def _clarity(db: DbSession, span: tuple[datetime, datetime], pack: Pack, zone: ZoneInfo) -> Table:
    published = (Wording.published_at >= span[0], Wording.published_at < span[1], Wording.version > 1)
    query = select(Wording).where(*published).order_by(Wording.published_at, Wording.instruction_id)
    wordings = db.scalars(query).all()
    mine = ClarityCount.instruction_id.in_({w.instruction_id for w in wordings})
    totals = totals_of(db.scalars(select(ClarityCount).where(mine, ClarityCount.healing_day == EVERY_DAY)))
    rows: list[list[Value]] = []
    for w in wordings:
        counts = totals.get(w.instruction_id, {})
        new, old = counts.get(w.version, Count()), counts.get(w.version - 1, Count())
        told = (f"{c.confused} of {c.shown}" for c in (old, new))
        local = w.published_at.astimezone(zone)
        day = f"{local.day} {local:%B %Y}"
        verdict = compare_versions(db, w.instruction_id, w.version, w.version - 1).verdict
        rows.append([str(name_of(w.instruction_id, pack)), w.version, day, *told, CHANGES[verdict]])
    head = ("Instruction", "Version", "Published", "Confused before", "Confused since", "Change")
    about = "Wordings that replaced another in this month, and how many patients each confused up to today."
    return Table("clarity", "Changed wordings", about, head, rows, "No wording was changed in this month.")


def _topics(db: DbSession, month: date, pack: Pack) -> Table:
    asked: defaultdict[str, dict[int, int]] = defaultdict(dict)
    for row in db.scalars(select(MonthTopic).where(MonthTopic.month == month)):
        asked[row.label][row.days] = row.asked
    columns = (*FIRST_DAYS, NO_DAY)
    rows: list[list[Value]] = []
    for label in sorted(asked, key=lambda name: (-sum(asked[name].values()), name)):
        kind, _, topic = label.partition("/")
        title = f"{KINDS.get(kind, spaced(kind))}: {pack.title(label) or spaced(topic)}"
        rows.append([title, sum(asked[label].values()), *(asked[label].get(days, 0) for days in columns)])
    days = (f"Day {group_name(first)}" for first in FIRST_DAYS)
    about = "How often patients asked about each topic, by the healing day they asked about."
    head = ("Topic", "Times", *days, "Day not known")
    return Table("topics", "What patients asked about", about, head, rows, "Nobody asked about a topic.", 1, FIRST_DAYS)


def _missed(db: DbSession, month: date, reader: Reader) -> Table:
    mine = MonthMissed.month == month
    total = db.scalar(select(func.count()).where(mine)) or 0
    query = select(Message.text).join(MonthMissed, MonthMissed.message_id == Message.id).where(mine)
    texts = list(db.scalars(query.order_by(MonthMissed.message_id.desc()).limit(MOST_MISSED)))
    groups = together(texts, reader)[:MOST_GROUPS]
    rows: list[list[Value]] = [[texts[group[0]], len(group)] for group in groups]
    some = f" Of {total} messages, the {MOST_MISSED} latest are looked at." if total > MOST_MISSED else ""
    about = f"Messages the assistant could not place; those that say something alike stand together.{some}"
    head = ("For instance", "Messages like this")
    return Table("missed", "What was not understood", about, head, rows, "Everything was understood.")
