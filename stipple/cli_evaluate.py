"""`stipple evaluate` and `stipple explain`."""

import asyncio
import json
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import httpx
import typer

from stipple.content.pack import load_pack
from stipple.evaluation.cases import read_cases
from stipple.evaluation.run import evaluate, summary
from stipple.gateway.engine import Engine, EngineError, Reply, neutralise
from stipple.records.conversations import start_conversation
from stipple.records.database import Database
from stipple.records.plan_changes import newest_changes
from stipple.records.plan_models import PlanChange
from stipple.settings import ROOT, Settings, get_settings
from stipple.stack.database import prepare_database
from stipple.stack.model import ENGINE_PYTHON, StackError, ensure_model
from stipple.stack.supervise import answers, free_ports, running, scratch_settings

EXPLAIN_CHANNEL = "explain"


def _say(line: str) -> None:
    typer.echo(line, err=True)


@contextmanager
def test_stack() -> Iterator[str]:
    """Address of a test stack with an empty database, started now and stopped at the end."""
    model = ensure_model(_say)
    with scratch_settings() as (settings, folder):
        prepare_database(settings)
        _say("Starting a test stack.")
        with running(settings, model, folder / "run", _say):
            yield settings.base_url


def evaluate_command(
    paths: Annotated[list[Path], typer.Argument(help="Case files, or folders of them.")],
    results: Annotated[Path | None, typer.Option(help="File for one result line per case.")] = None,
    url: Annotated[str | None, typer.Option(help="Address of a running test stack.")] = None,
) -> None:
    """Play cases through the whole stack and report what was understood."""
    cases = read_cases(paths)
    if not cases:
        _say("No cases found.")
        raise typer.Exit(2)

    def progress(done: int) -> None:
        if sys.stderr.isatty() or done % 50 == 0 or done == len(cases):
            _say(f"{done} of {len(cases)} cases")

    def play(address: str) -> None:
        started = time.perf_counter()
        found = asyncio.run(evaluate(cases, address, progress))
        typer.echo(summary(cases, found, time.perf_counter() - started))
        if results:
            results.write_text("".join(json.dumps(r.as_line(), ensure_ascii=False) + "\n" for r in found))

    if url:
        play(url)
    else:
        with test_stack() as address:
            play(address)


def explain_command(
    message: Annotated[str, typer.Argument(help="What the patient asks.")],
    patient: Annotated[str | None, typer.Option(help="The clinic's number for the patient; else a visitor.")] = None,
    now: Annotated[str | None, typer.Option(help="Moment to answer at, such as 2026-06-10T10:00.")] = None,
) -> None:
    """Show how an answer comes about: what was understood, the day, the window, the wording."""
    settings = get_settings()
    moment = _moment(now, settings)
    with _running_or_started(settings) as running_settings:
        reply = _ask(message, patient, moment, running_settings)
    typer.echo(_describe(message, reply, moment, _plan_changes(settings)))


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
    _say("Stipple is not running; starting it for this question.")
    prepare_database(settings)
    port, engine_port, action_port = free_ports(3)
    moved = settings.model_copy(update={"port": port, "engine_port": engine_port, "action_port": action_port})
    if not ENGINE_PYTHON.exists():
        raise StackError("the engine's Python environment is missing; run: make install")
    with running(moved, ensure_model(_say), ROOT / "var" / "explain", _say):
        yield moved


def _ask(message: str, reference: str | None, now: datetime, settings: Settings) -> Reply:
    """Ask the engine in a conversation that is deleted afterwards."""
    from stipple.cli_import import find_patient

    database = Database(settings.database_url)
    with database.begin() as db:
        patient_id = find_patient(db, reference).id if reference else None
        conversation = start_conversation(db, EXPLAIN_CHANNEL, now, patient_id)
    try:
        return asyncio.run(_once(settings, conversation.id, message, now))
    except (EngineError, httpx.HTTPError) as error:
        raise StackError(f"the engine gave no answer ({error})") from None
    finally:
        with database.begin() as db:
            db.delete(db.merge(conversation))


async def _once(settings: Settings, conversation_id: str, message: str, now: datetime) -> Reply:
    engine = Engine(settings.engine_url, settings.reply_timeout_seconds)
    try:
        return await engine.ask(conversation_id, neutralise(message), now)
    finally:
        await engine.close()


def _plan_changes(settings: Settings) -> dict[str, PlanChange]:
    with Database(settings.database_url).begin() as db:
        return {topic: change for topic, change in newest_changes(db).items() if change.kind != "files"}


def _describe(message: str, reply: Reply, now: datetime, changes: dict[str, PlanChange]) -> str:
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
    lines = [f"message            {message}", f"moment             {now.isoformat()}"]
    for item in reply.trace:
        lines.append("")
        lines += [f"{label:<18} {_plain(item[key])}" for key, label in names.items() if key in item]
        change = changes.get(item.get("topic", "")) if item.get("kind") == "aftercare" else None
        if change:
            lines.append(f"care plan          version {change.version} of the staff pages, by {change.author}")
    return "\n".join([*lines, "", reply.text])


def _plain(value: Any) -> str:
    return {True: "yes", False: "no"}.get(value, str(value)) if isinstance(value, bool) else str(value)
