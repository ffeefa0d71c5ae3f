"""What the wording pages show: proposals, drafts, what was published lately, and one wording being edited."""

import re
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session as DbSession
from sqlalchemy.orm import joinedload

from stipple.care.comparison import Comparison
from stipple.console.clarity import Name, name_of, totals_of
from stipple.console.differences import Part, differences
from stipple.console.fitness import FIELDS, Rule, problems_of, rule_of, stray_braces
from stipple.console.instruction import last_shown
from stipple.console.preview import Preview, preview
from stipple.content.judging import HardSentence, grade, hard_sentences, is_graded
from stipple.content.pack import Pack
from stipple.records.clarity_compare import compare_versions
from stipple.records.clarity_models import EVERY_DAY, ClarityCount
from stipple.records.models import Instruction, Wording
from stipple.records.staff_models import Staff
from stipple.records.wording_models import WordingDraft, WordingProposal
from stipple.records.wordings import CONSOLE, Words, current_wordings, newest_versions

MOST_RECENT = 10
MOST_FOUND = 30
TITLES = {"text": "Text", "why": "Why", "simpler": "In simpler words"}


@dataclass(frozen=True)
class Waiting:
    """A proposal that nobody has decided about; ``stale`` when another version was published since it was made."""

    id: int
    name: Name
    proposer: str
    proposed_at: datetime
    mine: bool
    stale: bool


@dataclass(frozen=True)
class Draft:
    """What the person has typed and not proposed."""

    instruction: str
    name: Name
    saved_at: datetime


@dataclass(frozen=True)
class Recent:
    """A wording that staff published, and how it compares so far with version ``before``, if anybody was shown that."""

    instruction: str
    name: Name
    version: int
    published_at: datetime
    published_by: str
    restores: int | None
    before: int | None
    change: Comparison | None


@dataclass(frozen=True)
class Found:
    """An instruction that fits what was looked for."""

    instruction: str
    name: Name
    text: str


@dataclass(frozen=True)
class Overview:
    """The list's page; ``total`` counts what was found, of which only the first are shown."""

    waiting: list[Waiting]
    drafts: list[Draft]
    recent: list[Recent]
    found: list[Found]
    total: int


@dataclass(frozen=True)
class Judged:
    """One field of a wording: its grade, None for a few words, what makes it hard, and why it cannot be said."""

    name: str
    title: str
    grade: float | None
    hard: list[HardSentence]
    problem: str


@dataclass(frozen=True)
class Judgement:
    """A wording as it is being typed: each field, and what a patient would read."""

    fields: list[Judged]
    preview: Preview

    @property
    def fit(self) -> bool:
        """Whether patients can be told it."""
        return not any(f.problem for f in self.fields)


@dataclass(frozen=True)
class Change:
    """One field of a proposal beside what patients read now."""

    title: str
    parts: list[Part]
    changed: bool


def overview(db: DbSession, staff: Staff, query: str, pack: Pack) -> Overview:
    """Everything on the list's page; ``query`` is what was looked for, empty for nothing."""
    found = search(db, query, pack) if query else []
    return Overview(
        _waiting(db, staff, pack), _drafts(db, staff, pack), _recent(db, pack), found[:MOST_FOUND], len(found)
    )


def _waiting(db: DbSession, staff: Staff, pack: Pack) -> list[Waiting]:
    still = select(WordingProposal).where(WordingProposal.decision.is_(None))
    found = list(db.scalars(still.options(joinedload(WordingProposal.proposer)).order_by(WordingProposal.id)))
    newest = newest_versions(db, [p.instruction_id for p in found])
    return [
        Waiting(
            id=p.id,
            name=name_of(p.instruction_id, pack),
            proposer=p.proposer.name,
            proposed_at=p.proposed_at,
            mine=p.proposed_by == staff.id,
            stale=newest[p.instruction_id] != p.based_on,
        )
        for p in found
    ]


def _drafts(db: DbSession, staff: Staff, pack: Pack) -> list[Draft]:
    mine = select(WordingDraft).where(WordingDraft.staff_id == staff.id).order_by(WordingDraft.saved_at.desc())
    return [Draft(d.instruction_id, name_of(d.instruction_id, pack), d.saved_at) for d in db.scalars(mine)]


def _recent(db: DbSession, pack: Pack) -> list[Recent]:
    published = select(Wording).where(Wording.origin == CONSOLE).order_by(Wording.id.desc()).limit(MOST_RECENT)
    found = list(db.scalars(published))
    about = ClarityCount.instruction_id.in_({w.instruction_id for w in found})
    totals = totals_of(db.scalars(select(ClarityCount).where(ClarityCount.healing_day == EVERY_DAY, about)))
    return [_recent_of(db, w, last_shown(totals.get(w.instruction_id, {}), w.version), pack) for w in found]


def _recent_of(db: DbSession, wording: Wording, before: int | None, pack: Pack) -> Recent:
    instruction = wording.instruction_id
    return Recent(
        instruction=instruction,
        name=name_of(instruction, pack),
        version=wording.version,
        published_at=wording.published_at,
        published_by=wording.published_by,
        restores=wording.restores,
        before=before,
        change=compare_versions(db, instruction, wording.version, before) if before is not None else None,
    )


def search(db: DbSession, query: str, pack: Pack) -> list[Found]:
    """Instructions that patients can read today, whose name or text has every word of ``query``."""
    words = query.lower().split()
    used = set(db.scalars(select(Instruction.id).where(Instruction.retired_at.is_(None))))
    found = []
    for instruction, wording in current_wordings(db).items():
        name = name_of(instruction, pack)
        text = f"{name} {instruction} {wording.text} {wording.why} {wording.simpler}".lower()
        if instruction in used and all(word in text for word in words):
            found.append(Found(instruction, name, wording.text))
    # Those that are named so come before those that only speak of it.
    return sorted(found, key=lambda f: (not all(word in str(f.name).lower() for word in words), in_order(str(f.name))))


def in_order(name: str) -> list[str | int]:
    """A name by which day 7 comes before day 10."""
    return [int(part) if part.isdecimal() else part for part in re.split(r"(\d+)", name)]


def judge(db: DbSession, instruction: Instruction, words: Words, pack: Pack, now: datetime) -> Judgement:
    """``words`` judged by the rules of the content check, and as a patient would read them."""
    rule = rule_of(instruction, pack)
    problems = problems_of(words, rule)
    fields = []
    for name in FIELDS:
        text = getattr(words, name)
        number = round(max(0.0, grade(text)), 1) if is_graded(text) else None
        fields.append(Judged(name, TITLES[name], number, hard_sentences(text), problems.get(name, "")))
    return Judgement(fields, preview(instruction, _fillable(words, rule), current_wordings(db), pack, now))


def _fillable(words: Words, rule: Rule) -> Words:
    """``words`` as the preview can take them: what could not be filled in is shown as it stands."""
    if not rule.blanks:
        return words
    texts = (getattr(words, name) for name in FIELDS)
    return Words(*(t.replace("{", "{{").replace("}", "}}") if stray_braces(t, rule.blanks) else t for t in texts))


def changes(old: Words | Wording, new: Words | Wording | WordingProposal) -> list[Change]:
    """What ``new`` changes, field by field."""
    found = []
    for name in FIELDS:
        before, after = getattr(old, name), getattr(new, name)
        found.append(Change(TITLES[name], differences(before, after), before != after))
    return found


def draft_of(db: DbSession, instruction_id: str, staff: Staff) -> WordingDraft | None:
    """What the person has typed for the instruction."""
    return db.get(WordingDraft, (instruction_id, staff.id))


def waiting_for(db: DbSession, instruction_id: str) -> list[WordingProposal]:
    """Proposals for the instruction that nobody has decided about."""
    made = select(WordingProposal).where(WordingProposal.instruction_id == instruction_id)
    still = made.where(WordingProposal.decision.is_(None)).order_by(WordingProposal.id)
    return list(db.scalars(still.options(joinedload(WordingProposal.proposer))))


def proposal_of(db: DbSession, number: int) -> WordingProposal | None:
    """A proposal with the people and the instruction it names."""
    people = (joinedload(WordingProposal.proposer), joinedload(WordingProposal.decider))
    return db.get(WordingProposal, number, options=[*people, joinedload(WordingProposal.instruction)])


def version_of(db: DbSession, instruction_id: str, version: int) -> Wording | None:
    """One published version."""
    return db.scalar(select(Wording).where(Wording.instruction_id == instruction_id, Wording.version == version))
