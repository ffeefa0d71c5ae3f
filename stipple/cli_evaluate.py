"""`stipple evaluate`."""

import asyncio
import json
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer

from stipple.cli_say import say
from stipple.evaluation.cases import read_cases
from stipple.evaluation.run import evaluate, summary
from stipple.stack.database import prepare_database
from stipple.stack.model import ensure_model
from stipple.stack.supervise import running, scratch_settings


@contextmanager
def test_stack() -> Iterator[str]:
    """Address of a test stack with an empty database, started now and stopped at the end."""
    model = ensure_model(say)
    with scratch_settings() as (settings, folder):
        prepare_database(settings)
        say("Starting a test stack.")
        with running(settings, model, folder / "run", say):
            yield settings.base_url


def evaluate_command(
    paths: Annotated[list[Path], typer.Argument(help="Case files, or folders of them.")],
    results: Annotated[Path | None, typer.Option(help="File for one result line per case.")] = None,
    url: Annotated[str | None, typer.Option(help="Address of a running test stack.")] = None,
) -> None:
    """Play cases through the whole stack and report what was understood."""
    cases = read_cases(paths)
    if not cases:
        say("No cases found.")
        raise typer.Exit(2)

    def progress(done: int) -> None:
        if sys.stderr.isatty() or done % 50 == 0 or done == len(cases):
            say(f"{done} of {len(cases)} cases")

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
