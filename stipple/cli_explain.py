"""`stipple explain`."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated, Any

import httpx
import typer
from sqlalchemy.orm import Session as DbSession

from stipple.cli_say import say
from stipple.console.words import LEVEL_NAMES
from stipple.content.pack import Pack, load_pack
from stipple.gateway.engine import Engine, EngineError, Reply, neutralise
from stipple.gateway.safety import ensured, safety_reply
from stipple.records.conversations import start_conversation
from stipple.records.database import Database
from stipple.records.in_use import PackInUse
from stipple.records.models import Conversation
from stipple.records.patients import day_of_conversation
from stipple.records.plan_changes import newest_changes
from stipple.records.plan_models import PlanChange
from stipple.screening.screen import Danger, Screen, Screening
from stipple.settings import ROOT, Settings, get_settings
from stipple.stack.database import prepare_database
from stipple.stack.model import ENGINE_PYTHON, StackError, ensure_model, model_path
from stipple.stack.supervise import answers, free_ports, running

EXPLAIN_CHANNEL = "explain"
SCOPES = {
    "denied": "denied, or over",
    "past": "long past",
    "imagined": "only imagined or asked about",
    "other": "somebody else's",
    "idiom": "a figure of speech",
}


@dataclass(frozen=True)
class Answer:
    """What a patient would read, and why: the content in use, what the safety screen found, and the reply."""

    pack: Pack
    screening: Screening
    reply: Reply


def explain_command(
    message: Annotated[str, typer.Argument(help="What the patient asks.")],
    patient: Annotated[str | None, typer.Option(help="The clinic's number for the patient; else a visitor.")] = None,
    now: Annotated[str | None, typer.Option(help="Moment to answer at, such as 2026-06-10T10:00.")] = None,
) -> None:
    """Show how an answer comes about: the check for danger signs, what was understood, the day, the wording."""
    settings = get_settings()
    moment = _moment(now, settings)
    with _running_or_started(settings) as running_settings:
        answer = _ask(message, patient, moment, running_settings)
    typer.echo(_describe(message, answer, moment, _plan_changes(settings)))


def _moment(text: str | None, settings: Settings) -> datetime:
    if text is None:
        return datetime.now(UTC)
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise typer.BadParameter(f"{text!r} is no moment such as 2026-06-10T10:00", param_hint="--now") from None
    return moment if moment.tzinfo else moment.replace(tzinfo=load_pack(settings.content_dir).profile.zone)


@contextmanager
def _running_or_started(settings: Settings) -> Iterator[Settings]:
    if answers(settings):
        yield settings
        return
    say("Stipple is not running; starting it for this question.")
    prepare_database(settings)
    port, engine_port, action_port = free_ports(3)
    moved = settings.model_copy(update={"port": port, "engine_port": engine_port, "action_port": action_port})
    if not ENGINE_PYTHON.exists():
        raise StackError("the engine's Python environment is missing; run: make install")
    with running(moved, ensure_model(say), ROOT / "var" / "explain", say):
        yield moved


def _ask(message: str, reference: str | None, now: datetime, settings: Settings) -> Answer:
    """Answer as the gateway does, in a conversation that is deleted afterwards."""
    from stipple.cli_import import find_patient

    database = Database(settings.database_url)
    with database.begin() as db:
        patient_id = find_patient(db, reference).id if reference else None
        conversation = start_conversation(db, EXPLAIN_CHANNEL, now, patient_id)
        pack, screening = _screened(db, conversation, message, now, settings)
    try:
        return Answer(pack, screening, asyncio.run(_reply(settings, conversation.id, message, now, pack, screening)))
    except (EngineError, httpx.HTTPError) as error:
        raise StackError(f"the engine gave no answer ({error})") from None
    finally:
        with database.begin() as db:
            db.delete(db.merge(conversation))


def _screened(
    db: DbSession, conversation: Conversation, message: str, now: datetime, settings: Settings
) -> tuple[Pack, Screening]:
    pack = PackInUse(load_pack(settings.content_dir)).refresh(db)
    screen = Screen(settings.model_dir or model_path(), pack.red_flags)
    return pack, screen.read(message, day_of_conversation(db, conversation.id, pack.profile.zone, now))


async def _reply(
    settings: Settings, conversation_id: str, message: str, now: datetime, pack: Pack, screening: Screening
) -> Reply:
    if screening.stands_alone:
        return safety_reply(screening, pack)
    engine = Engine(settings.engine_url, settings.reply_timeout_seconds)
    try:
        return ensured(await engine.ask(conversation_id, neutralise(message), now, screening), screening, pack)
    finally:
        await engine.close()


def _plan_changes(settings: Settings) -> dict[str, PlanChange]:
    with Database(settings.database_url).begin() as db:
        return {topic: change for topic, change in newest_changes(db).items() if change.kind != "files"}


def _describe(message: str, answer: Answer, now: datetime, changes: dict[str, PlanChange]) -> str:
    names = {
        "intent": "understood as",
        "confidence": "confidence",
        "kind": "answered as",
        "topic": "topic",
        "asked_day": "healing day",
        "rule_id": "instruction",
        "wording_version": "wording version",
        "override": "patient's own rule",
        "verdict": "verdict",
        "urgency": "urgency",
        "value": "value",
        "from_record": "from the record",
    }
    lines = [_line("message", message), _line("moment", now.isoformat())]
    lines += ["", *describe_screening(answer.screening, answer.pack)]
    for item in answer.reply.trace:
        lines.append("")
        lines += [_line(label, _plain(item[key])) for key, label in names.items() if key in item]
        change = changes.get(item.get("topic", "")) if item.get("kind") == "aftercare" else None
        if change:
            lines.append(_line("care plan", f"version {change.version} of the staff pages, by {change.author}"))
    return "\n".join([*lines, "", answer.reply.text])


def describe_screening(screening: Screening, pack: Pack) -> list[str]:
    """What the check for danger signs found, one line each.

    A probability is the classifier's, between 0 and 1; a sign that was found by its words alone may have a low one.
    """
    lines = [_line("danger sign", _danger(danger, pack)) for danger in screening.dangers]
    lines = lines or [_line("danger sign", f"none (of any kind: probability {screening.probability:.2f})")]
    if screening.stands_alone:
        lines.append(_line("", "Answered at once with the safety text. Rasa is not asked."))
    taken_back = screening.taken_back.items()
    lines += [_line("taken back", f"{_title(flag, pack)}: {SCOPES[scope]}") for flag, scope in taken_back]
    risks = ", ".join(risk.replace("_", " ") for risk in screening.risks)
    return [*lines, _line("risk factors", risks or "none in this message")]


def _danger(danger: Danger, pack: Pack) -> str:
    level = LEVEL_NAMES[danger.level].lower()
    return f"{_title(danger.flag, pack)}: level {level}, probability {danger.probability:.2f}"


def _title(flag: str, pack: Pack) -> str:
    return pack.title(f"red_flag/{flag}") or flag


def _line(label: str, value: str) -> str:
    return f"{label:<18} {value}"


def _plain(value: Any) -> str:
    return {True: "yes", False: "no"}.get(value, str(value)) if isinstance(value, bool) else str(value)
