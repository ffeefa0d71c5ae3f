"""Published wordings: the immutable versions of what patients read."""

import hashlib
import json
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session as DbSession

from stipple.content.pack import Pack
from stipple.content.schema import Approved
from stipple.records.models import Instruction, Wording
from stipple.records.plan_models import PlanChange
from stipple.records.wording_models import WordingDraft, WordingProposal

FILES, CONSOLE = "files", "console"
CARE = "aftercare"


@dataclass(frozen=True)
class Words:
    """What an instruction says, why, and the same in simpler words."""

    text: str
    why: str
    simpler: str

    @property
    def mark(self) -> str:
        """Differs between different words."""
        return hashlib.sha256(json.dumps([self.text, self.why, self.simpler]).encode()).hexdigest()


@dataclass(frozen=True)
class Published(Words):
    """The wording of an instruction that patients read now."""

    version: int

    @property
    def words(self) -> Words:
        """Without the version."""
        return Words(self.text, self.why, self.simpler)


def newest_versions(db: DbSession, instructions: list[str]) -> dict[str, int]:
    """The version that patients read now of each of ``instructions``; unknown ones are left out."""
    newest = (
        select(Wording.instruction_id, func.max(Wording.version))
        .where(Wording.instruction_id.in_(instructions))
        .group_by(Wording.instruction_id)
    )
    return {row[0]: row[1] for row in db.execute(newest)}


def publish_pack(db: DbSession, pack: Pack, by: str, at: datetime, care_topic: str | None = None) -> int:
    """Publish each statement of the pack whose text in it is new; the number of wordings published.

    A changed text becomes the next version, an unchanged one stays, also where staff have published another one since
    in the console. An instruction the pack no longer has is marked as retired and keeps its wordings. With
    ``care_topic`` only that topic of the care plan is published.
    """
    statements = [s for s in pack.statements() if care_topic is None or (s.subject, s.topic) == (CARE, care_topic)]
    mine = () if care_topic is None else (Instruction.subject == CARE, Instruction.topic == care_topic)
    # Held, so that a wording that staff publish meanwhile is either seen here or comes after.
    held = select(Instruction).where(*mine).order_by(Instruction.id).with_for_update(key_share=True)
    known = {i.id: i for i in db.scalars(held)}
    latest = current_wordings(db)
    published = 0
    for statement in statements:
        if statement.id not in known:
            known[statement.id] = Instruction(id=statement.id, subject=statement.subject, topic=statement.topic)
            db.add(known[statement.id])
        instruction, words, old = known[statement.id], words_of(statement.approved), latest.get(statement.id)
        instruction.retired_at = None
        if old is None or (instruction.file_mark != words.mark and old.words != words):
            db.add(new_version(statement.id, words, old.version if old else 0, by, at))
            published += 1
        instruction.file_mark = words.mark
    for gone in known.keys() - {s.id for s in statements}:
        known[gone].retired_at = known[gone].retired_at or at
    return published


def reworded(db: DbSession, pack: Pack) -> list[str]:
    """Instructions of which patients read something else than the files say, because staff published it since."""
    current = current_wordings(db)
    return [s.id for s in pack.statements() if s.id in current and current[s.id].words != words_of(s.approved)]


def words_of(source: Approved | Wording | WordingDraft | WordingProposal) -> Words:
    """The words of whatever holds some."""
    return Words(source.text, source.why, source.simpler)


def new_version(instruction: str, words: Words, newest: int, by: str, at: datetime, origin: str = FILES) -> Wording:
    """The wording that follows version ``newest``, still to be stored."""
    said = {"text": words.text, "why": words.why, "simpler": words.simpler}
    facts = {"published_at": at, "published_by": by, "origin": origin}
    return Wording(instruction_id=instruction, version=newest + 1, **said, **facts)


def current_wordings(db: DbSession) -> dict[str, Published]:
    """The newest wording of every instruction, by instruction id."""
    newest = select(Wording.instruction_id, func.max(Wording.version).label("version")).group_by(Wording.instruction_id)
    latest = newest.subquery()
    rows = db.scalars(
        select(Wording).join(
            latest, (latest.c.instruction_id == Wording.instruction_id) & (latest.c.version == Wording.version)
        )
    )
    return {w.instruction_id: Published(w.text, w.why, w.simpler, w.version) for w in rows}


def freshness(db: DbSession) -> tuple[int, int]:
    """Changes with everything that patients read anew: tells whether a cache is still fresh.

    How many wordings were published, and how many changes the care plan has. They are only ever added, and counted
    because of two that are added at once the lower number may be stored last.
    """
    wordings = select(func.count(Wording.id)).scalar_subquery()
    changes = select(func.count(PlanChange.id)).scalar_subquery()
    row = db.execute(select(wordings, changes)).one()
    return row[0], row[1]
