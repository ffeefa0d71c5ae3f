"""Rasa's memory of a conversation: the state it goes on from, not the events that led there.

Rasa replays and posts every event of a conversation on each turn, so that a turn costs more the longer the
conversation is. What the next turn depends on is little: the slots and the open form. Only that is kept, so turn 500
costs what turn 5 does. The conversation itself is in the gateway's log.
"""

import json
import time
from typing import Any, Dict, List, Optional, Text

import sqlalchemy as sa
from rasa.core.brokers.broker import EventBroker
from rasa.core.tracker_store import TrackerStore
from rasa.shared.core.constants import ACTION_LISTEN_NAME, ACTION_SESSION_START_NAME
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import ActionExecuted, ActiveLoop, Event, SessionStarted, SlotSet
from rasa.shared.core.trackers import DialogueStateTracker

# A form that was left open this long ago is not gone back to; the patient's words are not kept, but their answers are.
KEPT_DAYS = 30
BUSY_SECONDS = 5

STATES = sa.Table(
    "dialogue_state",
    sa.MetaData(),
    sa.Column("conversation_id", sa.String(64), primary_key=True),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("saved_at", sa.Float, nullable=False),
)


class DialogueStateStore(TrackerStore):
    """Keeps one row for each conversation in any SQL database that Rasa's SQLAlchemy can open."""

    def __init__(
        self,
        domain: Optional[Domain],
        host: Text,
        event_broker: Optional[EventBroker] = None,
        **kwargs: Any,
    ) -> None:
        """``host`` is the database's URL; Rasa calls an endpoint's ``url`` so."""
        super().__init__(domain, event_broker, **kwargs)
        self._database = _open(host)
        STATES.metadata.create_all(self._database)
        with self._database.begin() as db:
            db.execute(sa.delete(STATES).where(STATES.c.saved_at < time.time() - KEPT_DAYS * 86400))

    async def save(self, tracker: DialogueStateTracker) -> None:
        """Keep the tracker's state in place of the one before."""
        row = {"state": json.dumps(_state(tracker)), "saved_at": time.time()}
        mine = STATES.c.conversation_id == tracker.sender_id
        with self._database.begin() as db:
            if not db.execute(sa.update(STATES).where(mine).values(**row)).rowcount:
                db.execute(sa.insert(STATES).values(conversation_id=tracker.sender_id, **row))

    async def retrieve(self, sender_id: Text) -> Optional[DialogueStateTracker]:
        """A tracker that stands where the conversation was left; None for a new one."""
        with self._database.connect() as db:
            kept = db.scalar(sa.select(STATES.c.state).where(STATES.c.conversation_id == sender_id))
        if kept is None:
            return None
        return DialogueStateTracker.from_events(sender_id, _events(json.loads(kept)), self.domain.slots)

    async def keys(self) -> List[Text]:
        """The conversations that have a state."""
        with self._database.connect() as db:
            return list(db.scalars(sa.select(STATES.c.conversation_id)))


def _open(url: Text) -> sa.engine.Engine:
    if not url.startswith("sqlite"):
        return sa.create_engine(url, future=True, pool_pre_ping=True)
    database = sa.create_engine(url, future=True, connect_args={"timeout": BUSY_SECONDS})

    @sa.event.listens_for(database, "connect")
    def _pragmas(connection: Any, _record: object) -> None:
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA synchronous=NORMAL")

    return database


def _state(tracker: DialogueStateTracker) -> Dict[Text, Any]:
    changed = {name: slot.value for name, slot in tracker.slots.items() if slot.value != slot.initial_value}
    return {"slots": changed, "form": tracker.active_loop_name}


def _events(state: Dict[Text, Any]) -> List[Event]:
    """The shortest history that leads to ``state``."""
    form = [ActionExecuted(state["form"]), ActiveLoop(state["form"])] if state["form"] else []
    slots = [SlotSet(name, value) for name, value in state["slots"].items()]
    return [
        ActionExecuted(ACTION_SESSION_START_NAME),
        SessionStarted(),
        *form,
        *slots,
        ActionExecuted(ACTION_LISTEN_NAME),
    ]
