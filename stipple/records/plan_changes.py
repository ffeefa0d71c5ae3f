"""The care plan in use: the content files, and on top of them the newest change of each topic from the console."""

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from pydantic import ValidationError
from sqlalchemy import func, select
from sqlalchemy.orm import Session as DbSession

from stipple.content.pack import ContentError, Pack
from stipple.content.schema import CareTopic, Window
from stipple.records.plan_models import PlanChange

# Where an admin lets go of a change.
PAGE = "/staff/care-plan"


@dataclass(frozen=True)
class Notice:
    """A change and the content files do not fit together; ``gone``: the files no longer have its topic."""

    change: PlanChange
    gone: bool

    def __str__(self) -> str:
        made = f"version {self.change.version}, by {self.change.author}, {self.change.changed_at:%Y-%m-%d}"
        if self.gone:
            return f"care plan {self.change.topic}: the files have no such topic; its change ({made}) is not used"
        return (
            f"care plan {self.change.topic}: care_plan.yml is newer than its change on the staff pages ({made})."
            f" The change stays in use and the file's windows are not, until an admin lets the change go under"
            f" {PAGE}/{self.change.topic}"
        )


def newest_changes(db: DbSession) -> dict[str, PlanChange]:
    """The newest change of every topic that has one, also where it gave the topic back to the files."""
    newest = select(func.max(PlanChange.id)).group_by(PlanChange.topic)
    return {c.topic: c for c in db.scalars(select(PlanChange).where(PlanChange.id.in_(newest)))}


def changes_of(db: DbSession, topic: str) -> list[PlanChange]:
    """Every change of a topic, the newest first."""
    found = select(PlanChange).where(PlanChange.topic == topic).order_by(PlanChange.version.desc())
    return list(db.scalars(found))


def in_use(files: Pack, changes: Mapping[str, PlanChange]) -> Pack:
    """The files' pack with the windows of the changes.

    Raises:
        ContentError: when the windows of a change do not fit the schema.
    """
    held = {t: c for t, c in changes.items() if c.kind != "files" and t in files.care_plan}
    plan = {name: _changed(topic, held.get(name)) for name, topic in files.care_plan.items()}
    return replace(files, care_plan=plan) if held else files


def _changed(topic: CareTopic, change: PlanChange | None) -> CareTopic:
    return with_windows(topic, change.windows) if change else topic


def with_windows(topic: CareTopic, windows: list[dict[str, Any]]) -> CareTopic:
    """The topic with these windows, as data.

    Raises:
        ContentError: when they do not fit the schema.
    """
    try:
        return CareTopic.model_validate(topic.model_dump(exclude={"windows"}) | {"windows": windows})
    except ValidationError as error:
        raise ContentError(f"care plan {topic.id}: a change from the staff pages cannot be used ({error})") from None


def as_data(windows: list[Window]) -> list[dict[str, Any]]:
    """Windows as they are stored and written to files."""
    return [w.model_dump(mode="json") for w in windows]


def digest(topic: CareTopic) -> str:
    """Changes with whatever a topic says, except its title."""
    told = json.dumps([topic.counted_from, as_data(topic.windows)], sort_keys=True)
    return hashlib.sha256(told.encode()).hexdigest()


def notices(files: Pack, changes: Mapping[str, PlanChange]) -> Iterator[Notice]:
    """Changes that the files went past: the operator and the admins must know which of the two is in use."""
    for change in changes.values():
        topic = files.care_plan.get(change.topic)
        if change.kind == "files":
            continue
        if topic is None:
            yield Notice(change, gone=True)
        elif digest(topic) != change.file_digest and as_data(topic.windows) != change.windows:
            yield Notice(change, gone=False)
