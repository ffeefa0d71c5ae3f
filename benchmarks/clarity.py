"""How quick the staff pages are with a million messages, on SQLite and on PostgreSQL.

Run with `make benchmark-clarity`. Invented patients are kept in `var/benchmark` and in a PostgreSQL database of their
own between runs. The real gateway answers over loopback; times are those that a browser waits for the page.
"""

import argparse
import os
import platform
import re
import sqlite3
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median, quantiles
from typing import Any

import httpx
import uvicorn
from sqlalchemy import create_engine, event, func, make_url, select, text

from stipple.console.accounts import add_account
from stipple.content.pack import load_pack
from stipple.gateway.app import create_app
from stipple.records.clarity_models import ClaritySignal
from stipple.records.database import Database, upgrade
from stipple.records.models import Conversation, Message, Patient
from stipple.records.simulated import simulate
from stipple.records.staff_models import Staff
from stipple.records.wordings import publish_pack
from stipple.settings import ROOT, Settings
from stipple.stack.supervise import free_ports

FOLDER, RESULTS = ROOT / "var" / "benchmark", ROOT / "benchmarks" / "results" / "clarity.md"
POSTGRES = "postgresql+psycopg://postgres@127.0.0.1:5432/"
EMAIL, PASSWORD = "benchmark@clinic.example", "a long enough secret"
# What a question comes to in messages: it, its answer, and what else is said now and then.
MESSAGES_PER_QUESTION = 2.21


@dataclass
class Timer:
    """Adds up what one request costs the database, without reading the rows that it finds."""

    seconds: float = 0
    statements: int = 0
    _began: dict[int, float] = field(default_factory=dict)

    def watch(self, engine: Any) -> None:
        """Measure every statement of ``engine``."""

        @event.listens_for(engine, "before_cursor_execute")
        def _before(*_: Any) -> None:
            self._began[threading.get_ident()] = time.perf_counter()

        @event.listens_for(engine, "after_cursor_execute")
        def _after(*_: Any) -> None:
            self.seconds += time.perf_counter() - self._began.pop(threading.get_ident())
            self.statements += 1

    def reset(self) -> None:
        """Start again from nothing."""
        self.seconds, self.statements = 0, 0


@dataclass(frozen=True)
class Measured:
    """One page: milliseconds until it was there, milliseconds in statements, and how many statements."""

    name: str
    first: float
    times: list[float]
    database: float
    statements: int


def say(line: str) -> None:
    """Progress, apart from the results."""
    print(line, file=sys.stderr, flush=True)


def filled(url: str, messages: int, patients: int) -> Database:
    """The database with at least as much as asked for, filled now if it holds nothing."""
    upgrade(url)
    database, now = Database(url), datetime.now(UTC)
    with database.begin() as db:
        if db.scalar(select(Patient.id).limit(1)) is None:
            say(f"inventing {patients} patients with about {messages} messages; this takes minutes")
            pack, started, done = load_pack(ROOT / "data" / "clinic"), time.monotonic(), 0

            def progress(some: int) -> None:
                nonlocal done
                done += some
                say(f"  {done} of {patients} patients after {time.monotonic() - started:.0f} s")

            publish_pack(db, pack, "Benchmark", now)
            most = max(1, round(2 * messages / patients / MESSAGES_PER_QUESTION))
            simulate(db, pack, patients, 1, now, progress, most)
        if db.scalar(select(Staff.id).where(Staff.email == EMAIL)) is None:
            add_account(db, EMAIL, "Benchmark", "admin", PASSWORD, now)
    if database.engine.dialect.name == "postgresql":
        with database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(text("analyze"))
    return database


@contextmanager
def gateway(url: str) -> Iterator[tuple[httpx.Client, Timer, Database]]:
    """The real gateway on a port of its own, and a browser that is signed in at the time of the latest message."""
    (port,) = free_ports(1)
    apart = {"database_url": url, "spool_dir": ROOT / "var" / "benchmark-spool"}
    settings = Settings(_env_file=None, environment="test", port=port, **apart)
    app, timer = create_app(settings), Timer()
    timer.watch(app.state.database.engine)
    server = uvicorn.Server(uvicorn.Config(app, port=port, log_level="error"))
    thread = threading.Thread(target=server.run)
    thread.start()
    while not server.started:
        time.sleep(0.05)
    with app.state.database.begin() as db:
        now = db.scalar(select(func.max(Conversation.last_at))) or datetime.now(UTC)
    headers = {"X-Stipple-Now": (now + timedelta(minutes=1)).isoformat()}
    with httpx.Client(base_url=f"http://127.0.0.1:{port}", headers=headers, timeout=120, trust_env=False) as browser:
        found = re.search(r'name="csrf" value="([^"]+)"', browser.get("/staff/sign-in").text)
        form = {"csrf": found.group(1) if found else "", "email": EMAIL, "password": PASSWORD}
        if browser.post("/staff/sign-in", data=form).status_code != 303:
            raise RuntimeError("the benchmark's account is not let in")
        try:
            yield browser, timer, app.state.database
        finally:
            server.should_exit = True
            thread.join()


def pages(database: Database, month: str) -> dict[str, str]:
    """Each page with its address: the instruction that confused most often, and the longest conversation."""
    with database.begin() as db:
        often = func.count().desc()
        worst = db.scalar(select(ClaritySignal.instruction_id).group_by(ClaritySignal.instruction_id).order_by(often))
        longest = db.scalar(select(Message.conversation_id).order_by(Message.sequence.desc()).limit(1))
    return {
        "clarity, all instructions": "/staff/clarity",
        "clarity by healing day": "/staff/clarity/days",
        "one instruction": f"/staff/clarity/{worst}",
        "conversations": "/staff/conversations",
        "conversations, page 400": "/staff/conversations?page=400",
        "conversations with a danger sign": "/staff/conversations?level=any",
        "transcript": f"/staff/conversations/{longest}",
        "inbox": "/staff",
        "report of a full month": f"/staff/reports?month={month}",
        "report as a file": f"/staff/reports/{month}/all.csv",
    }


def measure(browser: httpx.Client, timer: Timer, name: str, path: str, requests: int) -> Measured:
    """Ask for the page so many times, one after another, after a first time that is told apart."""

    def once() -> float:
        began = time.perf_counter()
        response = browser.get(path)
        if response.status_code != 200:
            raise RuntimeError(f"{path} answered {response.status_code}")
        return 1000 * (time.perf_counter() - began)

    first = once()
    timer.reset()
    times = [once() for _ in range(requests)]
    return Measured(name, first, times, 1000 * timer.seconds / requests, timer.statements // requests)


def run(url: str, requests: int) -> tuple[str, list[Measured]]:
    """Measure every page on one database; its size in words."""
    with gateway(url) as (browser, timer, database):
        with database.begin() as db:
            sizes = [db.scalar(select(func.count()).select_from(table)) for table in (Message, Patient)]
            now = db.scalar(select(func.max(Conversation.last_at))) or datetime.now(UTC)
            version = sqlite3.sqlite_version
            if database.engine.dialect.name == "postgresql":
                version = str(db.scalar(text("show server_version"))).split()[0]
        month = f"{now.replace(day=1) - timedelta(days=1):%Y-%m}"
        found = [measure(browser, timer, name, path, requests) for name, path in pages(database, month).items()]
    kind = "PostgreSQL" if url.startswith("postgresql") else "SQLite"
    return f"{kind} {version}, {sizes[0]:,} messages of {sizes[1]:,} patients", found


def table(title: str, found: list[Measured]) -> str:
    """The figures of one database as a Markdown table."""
    lines = [f"## {title}", "", "| page | median ms | p95 ms | first time ms | database ms | statements |"]
    lines.append("|---|---|---|---|---|---|")
    for m in found:
        p95 = quantiles(m.times, n=20, method="inclusive")[-1]
        figures = f"{median(m.times):.0f} | {p95:.0f} | {m.first:.0f} | {m.database:.0f} | {m.statements}"
        lines.append(f"| {m.name} | {figures} |")
    return "\n".join(lines)


def machine() -> str:
    """Processor, system and Python."""
    told = Path("/proc/cpuinfo")
    lines = told.read_text().splitlines() if told.exists() else []
    models = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return f"{next(models, platform.machine())}, {os.cpu_count()} processors, Python {platform.python_version()}"


def ensure_postgres(url: str) -> None:
    """Make the database of ``url`` when the server does not have it."""
    name = make_url(url).database
    admin = create_engine(make_url(url).set(database="postgres"), isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        if connection.scalar(text("select 1 from pg_database where datname = :name"), {"name": name}) is None:
            connection.execute(text(f'create database "{name}"'))
    admin.dispose()


def main() -> None:
    """Fill what is not there yet, measure, print the tables and write them down."""
    parser = argparse.ArgumentParser(description="Measure the staff pages at size.")
    parser.add_argument("--messages", type=int, default=1_000_000, help="about how many")
    parser.add_argument("--patients", type=int, default=20_000)
    parser.add_argument("--requests", type=int, default=20, help="of each page")
    parser.add_argument("--postgres", default=f"{POSTGRES}stipple_benchmark_clarity", help="its address; '' for none")
    parser.add_argument("--out", type=Path, default=RESULTS)
    options = parser.parse_args()
    size = f"{options.messages}-{options.patients}"
    urls: list[tuple[str, Callable[[str], None]]] = [(f"sqlite:///{FOLDER / f'clarity-{size}.db'}", lambda _: None)]
    if options.postgres:
        urls.append((f"{options.postgres}_{size.replace('-', '_')}", ensure_postgres))
    parts = []
    for url, ensure in urls:
        ensure(url)
        filled(url, options.messages, options.patients).engine.dispose()
        parts.append(table(*run(url, options.requests)))
        say(parts[-1])
    today, times = f"{datetime.now(UTC):%d %B %Y}", f"Each page was asked for {options.requests} times"
    head = f"""# How quick the staff pages are at size

Written by `make benchmark-clarity` on {today}; {machine()}.
{times}, one request after another, by a browser on the same machine. The first time is told apart:
it also reads sentence vectors that are kept afterwards. Database: time in statements, without reading their rows."""
    options.out.write_text("\n\n".join([head, *parts]) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
