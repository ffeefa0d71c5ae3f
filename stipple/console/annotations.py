"""Tags and comments that staff put on messages."""

from collections import defaultdict
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import delete, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session as DbSession
from sqlalchemy.orm import joinedload

from stipple.console.audit import note
from stipple.records.models import Message
from stipple.records.review_models import MessageComment, MessageTag, Tag
from stipple.records.staff_models import Staff

# Every clinic has these; each adds its own.
TAGS = ("good answer", "wrong day", "tone")
LONGEST_TAG, LONGEST_COMMENT, MOST_TAGS = 40, 2000, 30
EDITED_WITHIN = timedelta(minutes=15)


class MissingError(Exception):
    """The message or the comment is not there, or is a colleague's."""


class WordsError(Exception):
    """What was written cannot be saved; the message says why."""


@dataclass(frozen=True)
class Comment:
    """A comment as a person sees it: whether it is theirs, and whether they may still change it."""

    id: int
    author: str
    text: str
    at: datetime
    edited_at: datetime | None
    withdrawn_at: datetime | None
    mine: bool
    editable: bool


@dataclass(frozen=True)
class Notes:
    """What staff put on one message."""

    tags: list[str] = field(default_factory=list)
    comments: list[Comment] = field(default_factory=list)


def all_tags(db: DbSession) -> list[str]:
    """Every tag there is to choose from."""
    return [*TAGS, *db.scalars(select(Tag.name).order_by(Tag.name))]


def notes_on(db: DbSession, messages: Iterable[int], staff: Staff, now: datetime) -> dict[int, Notes]:
    """Tags and comments by message, as ``staff`` sees them."""
    ids = list(messages)
    found: defaultdict[int, Notes] = defaultdict(Notes)
    tags = select(MessageTag).where(MessageTag.message_id.in_(ids)).order_by(MessageTag.tag)
    for tag in db.scalars(tags):
        found[tag.message_id].tags.append(tag.tag)
    comments = select(MessageComment).where(MessageComment.message_id.in_(ids)).order_by(MessageComment.id)
    for row in db.scalars(comments.options(joinedload(MessageComment.staff))):
        mine = row.staff_id == staff.id and row.withdrawn_at is None
        found[row.message_id].comments.append(
            Comment(
                id=row.id,
                author=row.staff.name,
                text=row.text,
                at=row.at,
                edited_at=row.edited_at,
                withdrawn_at=row.withdrawn_at,
                mine=mine,
                editable=mine and now - row.at <= EDITED_WITHIN,
            )
        )
    return found


def add_tag(db: DbSession, name: str, staff: Staff, now: datetime) -> None:
    """A new tag for everybody to choose.

    Raises:
        WordsError: when it has no name, too long a one, is there already, or there are too many.
    """
    note(db, now, "tag_added", "tags", staff.id)
    clean = " ".join(name.split())
    if not clean or len(clean) > LONGEST_TAG:
        raise WordsError(f"Please write a tag of 1 to {LONGEST_TAG} characters.")
    known = all_tags(db)
    if clean.casefold() in (tag.casefold() for tag in known):
        raise WordsError(f"The tag “{clean}” is there already.")
    if len(known) >= MOST_TAGS:
        raise WordsError(f"There are {MOST_TAGS} tags already. More would be hard to choose from.")
    # A colleague may add the same tag at the same moment; once is enough.
    with suppress(IntegrityError), db.begin_nested():
        db.add(Tag(name=clean, staff_id=staff.id, at=now))


def set_tag(db: DbSession, message: Message, tag: str, there: bool, staff: Staff, now: datetime) -> None:
    """Put a tag on a message or take it off, whichever it was before.

    Raises:
        MissingError: when there is no such tag.
    """
    note(db, now, "tagged" if there else "untagged", f"message/{message.id}", staff.id)
    if not there:
        db.execute(delete(MessageTag).where(MessageTag.message_id == message.id, MessageTag.tag == tag))
        return
    if tag not in all_tags(db):
        raise MissingError
    with suppress(IntegrityError), db.begin_nested():
        db.add(MessageTag(message_id=message.id, tag=tag, staff_id=staff.id, at=now))


def add_comment(db: DbSession, message: Message, text: str, staff: Staff, now: datetime) -> None:
    """A new comment on a message.

    Raises:
        WordsError: when it is empty or too long.
    """
    note(db, now, "commented", f"message/{message.id}", staff.id)
    db.add(MessageComment(message_id=message.id, staff_id=staff.id, text=_checked(text), at=now))


def edit_comment(db: DbSession, message: Message, number: int, text: str, staff: Staff, now: datetime) -> None:
    """Change one's own comment, soon after it was written.

    Raises:
        MissingError: when it is not there, or not one's own.
        WordsError: when it is empty, too long, or older than a comment may be to be changed.
    """
    note(db, now, "comment_changed", f"message/{message.id}", staff.id)
    comment = _own(db, message, number, staff)
    if now - comment.at > EDITED_WITHIN:
        raise WordsError("A comment can be changed for 15 minutes. Withdraw it, or write another one.")
    comment.text, comment.edited_at = _checked(text), now


def withdraw_comment(db: DbSession, message: Message, number: int, staff: Staff, now: datetime) -> None:
    """Take one's own comment back: its words are gone, that there was one stays.

    Raises:
        MissingError: when it is not there, or not one's own.
    """
    note(db, now, "comment_withdrawn", f"message/{message.id}", staff.id)
    comment = _own(db, message, number, staff)
    comment.text, comment.withdrawn_at = "", now


def _own(db: DbSession, message: Message, number: int, staff: Staff) -> MessageComment:
    mine = (MessageComment.id == number, MessageComment.message_id == message.id, MessageComment.staff_id == staff.id)
    found = db.scalar(select(MessageComment).where(*mine, MessageComment.withdrawn_at.is_(None)).with_for_update())
    if found is None:
        raise MissingError
    return found


def _checked(text: str) -> str:
    clean = text.strip()
    if not clean:
        raise WordsError("Please write a comment first.")
    if len(clean) > LONGEST_COMMENT:
        raise WordsError(f"Please write at most {LONGEST_COMMENT} characters; these are {len(clean)}.")
    return clean
