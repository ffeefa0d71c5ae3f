"""Logging a reply with everything that hangs on it: what was shown, the alert it raises, and the counts."""

import logging
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session as DbSession

from stipple.records.alerts import raise_alert
from stipple.records.clarity import count_reply
from stipple.records.conversations import add_deliveries, add_message
from stipple.records.models import Alert, Conversation, Message
from stipple.records.months import count_turn

log = logging.getLogger(__name__)


def keep_reply(
    db: DbSession, conversation: Conversation, asked: Message, text: str, day: int | None, now: datetime, **facts: Any
) -> Alert | None:
    """Log the reply to ``asked``, given on healing day ``day``; the alert that its trace raises, if any.

    ``facts`` are further columns of the message: its ``trace``, its ``outcome`` and the ``choices`` it offers.
    """
    message = add_message(db, conversation.id, "assistant", text, now, **facts)
    add_deliveries(db, message, conversation.channel)
    alert = raise_alert(db, asked, message.trace, day, now)
    _count(db, message)
    return alert


def _count(db: DbSession, reply: Message) -> None:
    """Count for the clarity page and the reports; whatever goes wrong there, the reply and its alert are stored."""
    try:
        with db.begin_nested():
            count_reply(db, reply)
            count_turn(db, reply)
    except Exception:
        log.exception("reply %s was not counted; put right by: stipple clarity recount", reply.id)
