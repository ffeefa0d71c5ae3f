"""Looking after the items below the danger signs: taking one, giving it to a colleague, resolving it.

Each step writes its audit row first, which on SQLite takes the lock for writing; on PostgreSQL the conversation is
locked. So of two people who press at once the second is told what the first did.
"""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session as DbSession

from stipple.console.audit import note
from stipple.console.colleagues import find_colleague
from stipple.console.desk import GoneError, TakenBeforeError, check_code, check_note, mark_done
from stipple.console.needs import GROUPED, Item, find
from stipple.content.pack import Pack
from stipple.records.models import Conversation, Message
from stipple.records.resolution_models import Keeping, Resolution
from stipple.records.staff_models import Staff


class NewWordsError(Exception):
    """The patient has said it again since the page was shown."""


@dataclass(frozen=True)
class Place:
    """Which item a page is about, as its address names it."""

    kind: str
    subject: int
    instruction_id: str

    def find(self, db: DbSession, pack: Pack, now: datetime) -> Item | None:
        """The item as it is now; None when it is resolved, too old, or was never there."""
        return find(db, self.kind, self.subject, self.instruction_id, pack, now)

    def __str__(self) -> str:
        return f"{self.kind}/{self.subject}"


def take(db: DbSession, place: Place, pack: Pack, staff: Staff, kept_before: str, now: datetime) -> Item:
    """``staff`` looks after the item from now on; ``kept_before`` says who did by the page they saw.

    Raises:
        GoneError: when it is resolved.
        TakenBeforeError: when somebody else took it meanwhile.
    """
    note(db, now, "took", str(place), staff.id)
    return _keep(db, place, pack, staff, staff, kept_before, now)


def assign(db: DbSession, place: Place, pack: Pack, staff: Staff, to: str, kept_before: str, now: datetime) -> Item:
    """A colleague looks after the item from now on; ``to`` is the number of their account.

    Raises:
        ColleagueError: when there is no such colleague, or they may not look after such an item.
        GoneError: when it is resolved.
        TakenBeforeError: when somebody else took it meanwhile.
    """
    colleague = find_colleague(db, to, place.kind)
    note(db, now, "assigned", str(place), staff.id, f"to staff/{colleague.id}")
    return _keep(db, place, pack, colleague, staff, kept_before, now)


def _keep(db: DbSession, place: Place, pack: Pack, keeper: Staff, by: Staff, kept_before: str, now: datetime) -> Item:
    item = _open(db, place, pack, now)
    if item.kept_by != kept_before:
        raise TakenBeforeError
    # Pressed twice, or given to whoever has it already: nothing changes.
    if item.keeping is None or item.keeping.staff_id != keeper.id:
        what = {"kind": item.kind, "message_id": item.subject, "instruction_id": item.instruction_id or None}
        db.add(Keeping(staff_id=keeper.id, by_id=by.id, at=now, **what))
    return item


def resolve(db: DbSession, place: Place, pack: Pack, staff: Staff, code: str, words: str, now: datetime) -> Item:
    """The item is dealt with: ``code`` says what was the matter, ``words`` are a note or empty.

    Raises:
        GoneError: when a colleague has resolved it.
        NewWordsError: when the patient said it again meanwhile, so that it must be read again.
        CodeError: when ``code`` is none.
        NoteError: when the note is too long.
    """
    note(db, now, "resolved", str(place), staff.id, code[:20])
    item = _open(db, place, pack, now)
    if item.subject != place.subject:
        raise NewWordsError
    check_code(code)
    saved = check_note(words)
    what = {"conversation_id": item.conversation_id, "message_id": item.message_id}
    found = {"instruction_id": item.instruction_id} if item.kind in GROUPED else {"reply_id": item.subject}
    db.add(Resolution(kind=item.kind, code=code, note=saved, staff_id=staff.id, at=now, **what, **found))
    if item.kind == "waiting":
        mark_done(db, item.subject, staff, now)
    return item


def _open(db: DbSession, place: Place, pack: Pack, now: datetime) -> Item:
    # The whole conversation, because an item may have a newer subject by now. Not its key, so that messages which
    # are stored at the same moment can refer to it.
    talk = select(Message.conversation_id).where(Message.id == place.subject).scalar_subquery()
    db.scalar(select(Conversation.id).where(Conversation.id == talk).with_for_update(key_share=True))
    item = place.find(db, pack, now)
    if item is None:
        raise GoneError
    return item


def last_resolution(db: DbSession, place: Place) -> Resolution | None:
    """How the item was resolved last."""
    mine = [Resolution.kind == place.kind]
    if place.kind in GROUPED:
        talk = select(Message.conversation_id).where(Message.id == place.subject).scalar_subquery()
        mine += [Resolution.conversation_id == talk, Resolution.instruction_id == place.instruction_id]
    else:
        mine += [Resolution.reply_id == place.subject]
    return db.scalar(select(Resolution).where(*mine).order_by(Resolution.id.desc()).limit(1))
