"""Changing a topic of the care plan: what is in use, what is proposed, whom it reaches, and saving it."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Literal

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session as DbSession
from sqlalchemy.orm import selectinload

from stipple.care.plan_difference import DAYS_AHEAD, Effect, all_stretches, effect, last_changed_day
from stipple.care.plan_edit import Part, windows_of
from stipple.console.audit import note
from stipple.console.words import masked
from stipple.content.pack import Pack
from stipple.content.schema import CareTopic, Window
from stipple.records.in_use import PackInUse
from stipple.records.models import Course, Patient, Session
from stipple.records.patients import to_record
from stipple.records.plan_changes import as_data, changes_of, digest, with_windows
from stipple.records.plan_models import PlanChange
from stipple.records.staff_models import Staff
from stipple.records.wordings import current_wordings, publish_pack

LEAST_REASON, MOST_REASON, MOST_NAME = 5, 500, 200
LEAST_NAME = 3


class StaleError(Exception):
    """A colleague changed the topic since the page was shown."""


@dataclass(frozen=True)
class Base:
    """A topic as it is in use: by the ``files``, with the changes, and with the words that patients ``read`` now."""

    files: CareTopic
    topic: CareTopic
    read: CareTopic
    change: PlanChange | None

    @property
    def seen(self) -> str:
        """Changes with whatever a person saw of the topic."""
        return digest(self.read)

    @property
    def version(self) -> int:
        """The newest version; 0 when it was never changed here."""
        return self.change.version if self.change else 0

    @property
    def from_files(self) -> bool:
        """Whether the files' windows are in use."""
        return self.change is None or self.change.kind == "files"

    @property
    def files_moved(self) -> bool:
        """Whether the files have other windows than the change was made from, so that two plans stand side by side."""
        if self.change is None or self.from_files:
            return False
        return digest(self.files) not in (self.change.file_digest, digest(self.topic))


@dataclass(frozen=True)
class Proposal:
    """What shall be in use: ``topic`` as it is stored, ``read`` with the words that patients will read."""

    kind: Literal["edit", "restore", "files"]
    topic: CareTopic
    read: CareTopic
    restored: int | None = None


@dataclass(frozen=True)
class Answers:
    """What the admin wrote beside a change."""

    reason: str
    approved: bool
    clinician: str

    def problems(self, eases: bool) -> dict[str, str]:
        """What is missing, by field; ``eases``: the change holds patients back less."""
        found = {}
        if not LEAST_REASON <= len(self.reason) <= MOST_REASON:
            found["reason"] = f"Write in {LEAST_REASON} to {MOST_REASON} characters why; colleagues read it later."
        if eases and not self.approved:
            found["approved"] = "Tick this only when a clinician approved it. Without that it cannot be saved."
        if eases and not LEAST_NAME <= len(self.clinician) <= MOST_NAME:
            found["clinician"] = "Write the clinician's name."
        return found


@dataclass(frozen=True)
class Reached:
    """A patient for whom something changes, masked."""

    initials: str
    reference: str
    effect: Effect


def read_base(db: DbSession, packs: PackInUse, topic: str) -> Base | None:
    """The topic as it is in use now; None when the files have none of that name."""
    pack = packs.refresh(db)
    if topic not in pack.care_plan:
        return None
    wordings, held = current_wordings(db), pack.care_plan[topic]
    windows = []
    for window in held.windows:
        words = wordings.get(f"aftercare/{topic}/{window.span}")
        told = {"text": words.text, "why": words.why, "simpler": words.simpler} if words else {}
        windows.append(window.model_copy(update=told))
    newest = next(iter(changes_of(db, topic)), None)
    return Base(packs.files.care_plan[topic], held, held.model_copy(update={"windows": windows}), newest)


def edited(base: Base, parts: tuple[Part, ...]) -> Proposal:
    """The proposal of an edit. A window that stays keeps the words of the pack, whatever was published since."""
    windows = list(windows_of(parts))
    kept = {w.span: (r, w) for r, w in zip(base.read.windows, base.topic.windows, strict=True)}

    def stored(window: Window) -> Window:
        as_read, held = kept.get(window.span, (None, window))
        return held if as_read == window else window

    read = base.read.model_copy(update={"windows": windows})
    return Proposal("edit", base.topic.model_copy(update={"windows": [stored(w) for w in windows]}), read)


def restored(db: DbSession, base: Base, which: str) -> Proposal | None:
    """The proposal to go back to a version by its number, or to the ``files``; None when there is no such version."""
    if which == "files":
        return None if base.from_files else Proposal("files", base.files, base.files)
    old = next((c for c in changes_of(db, base.topic.id) if str(c.version) == which), None)
    if old is None:
        return None
    topic = with_windows(base.topic, old.windows)
    return Proposal("restore", topic, topic, old.version)


def with_proposal(pack: Pack, proposal: Proposal) -> Pack:
    """The whole content as it would be."""
    return replace(pack, care_plan=pack.care_plan | {proposal.topic.id: proposal.topic})


def eases(base: Base, proposal: Proposal) -> bool:
    """Whether patients are held back less on any day, which a clinician must have approved."""
    return any(s.eased for s in all_stretches(base.read, proposal.read))


def reached(db: DbSession, base: Base, proposal: Proposal, pack: Pack, now: datetime) -> list[Reached]:
    """Every patient who is on a changed day, or will be within `DAYS_AHEAD` days; who is held back less comes first."""
    last = last_changed_day(all_stretches(base.read, proposal.read))
    treated = select(Session.course_id).where(
        Session.status.in_(("planned", "done")), Session.starts_at <= now + timedelta(days=DAYS_AHEAD + 1)
    )
    if last is not None:
        # A day more than is counted, because a calendar day of the clinic may begin before that of UTC.
        treated = treated.where(Session.starts_at >= now - timedelta(days=last + 2))
    query = select(Patient).where(Patient.id.in_(select(Course.patient_id).where(Course.id.in_(treated))))
    loads = (selectinload(Patient.courses).selectinload(Course.sessions), selectinload(Patient.overrides))
    found = []
    for patient in db.scalars(query.options(*loads).execution_options(yield_per=500)):
        change = effect(base.read, proposal.read, to_record(patient, pack.profile.zone), now)
        if change:
            found.append(Reached(masked(patient.name), patient.reference, change))
    return sorted(found, key=lambda r: (not r.effect.eased, r.effect.on, r.reference))


def save(
    db: DbSession, packs: PackInUse, seen: str, proposal: Proposal, answers: Answers, staff: Staff, now: datetime
) -> PlanChange:
    """Make the proposal the plan in use and publish its wordings.

    Raises:
        StaleError: when the topic is another than the one that was ``seen``.
    """
    topic = proposal.topic.id
    note(db, now, "plan_changed", f"care_plan/{topic}", staff.id, proposal.kind)
    base = read_base(db, packs, topic)
    if base is None or base.seen != seen:
        raise StaleError
    change = PlanChange(
        topic=topic,
        version=base.version + 1,
        kind=proposal.kind,
        windows=as_data(proposal.topic.windows),
        before=as_data(base.topic.windows),
        based_on=0 if base.from_files else base.version,
        restored=proposal.restored,
        file_digest=digest(base.files),
        reason=answers.reason,
        author=staff.name,
        approved_by=answers.clinician if answers.clinician and eases(base, proposal) else None,
        changed_at=now,
    )
    db.add(change)
    try:
        db.flush()
    except IntegrityError:
        # On PostgreSQL a colleague may save the same version in the same moment.
        raise StaleError from None
    # The process takes up the change when it is saved for good, not before.
    publish_pack(db, with_proposal(packs.pack, proposal), staff.name, now, care_topic=topic)
    return change
