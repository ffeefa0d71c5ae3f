"""Databases to test on: SQLite always, PostgreSQL when one answers on loopback."""

import secrets
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.exc import OperationalError

from stipple.records.database import Database, upgrade
from stipple.records.models import Base, Clinic, Patient
from tests.fixtures import no_settings, pack

__all__ = ["no_settings", "pack"]

POSTGRES = "postgresql+psycopg://postgres@127.0.0.1:5432/"
KINDS = ("sqlite", "postgresql")
NOW = datetime(2026, 6, 10, 9, 0, tzinfo=UTC)


@contextmanager
def scratch_postgres() -> Iterator[str]:
    """Address of a new, empty PostgreSQL database that is dropped at the end."""
    name = f"stipple_test_{secrets.token_hex(6)}"
    admin = create_engine(f"{POSTGRES}postgres", isolation_level="AUTOCOMMIT", connect_args={"connect_timeout": 2})
    try:
        with admin.connect() as connection:
            connection.execute(text(f"create database {name}"))
            connection.execute(text(f"alter database {name} set synchronous_commit = off"))
    except OperationalError as error:
        pytest.skip(f"no PostgreSQL on 127.0.0.1:5432: {str(error.orig).splitlines()[0]}")
    try:
        yield POSTGRES + name
    finally:
        with admin.connect() as connection:
            connection.execute(text(f"drop database {name} with (force)"))
        admin.dispose()


@pytest.fixture(params=KINDS)
def empty_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """Address of a database without tables."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'empty.db'}"
    else:
        with scratch_postgres() as url:
            yield url


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("template") / "stipple.db"
    upgrade(f"sqlite:///{path}")
    return path


@pytest.fixture(scope="session")
def postgres() -> Iterator[Database]:
    with scratch_postgres() as url:
        upgrade(url)
        yield Database(url)


@pytest.fixture
def sqlite_url(sqlite_template: Path, tmp_path: Path) -> str:
    """Address of a SQLite database with tables and no rows."""
    shutil.copy(sqlite_template, tmp_path / "stipple.db")
    return f"sqlite:///{tmp_path / 'stipple.db'}"


@pytest.fixture(params=KINDS)
def database(request: pytest.FixtureRequest) -> Iterator[Database]:
    """A database with tables and no rows, on each kind in turn."""
    if request.param == "sqlite":
        found = Database(request.getfixturevalue("sqlite_url"))
        yield found
        found.engine.dispose()
    else:
        found = request.getfixturevalue("postgres")
        yield found
        with found.engine.begin() as connection:
            for table in reversed(Base.metadata.sorted_tables):
                connection.execute(table.delete())


@pytest.fixture
def add_patient(database: Database) -> Callable[[str], Patient]:
    """Adds a patient with the given reference to the clinic."""
    with database.begin() as db:
        clinic = Clinic(name="Clinic", time_zone="Europe/London")
        db.add(clinic)

    def add(reference: str) -> Patient:
        with database.begin() as db:
            patient = Patient(clinic_id=clinic.id, reference=reference, name=f"Name {reference}", created_at=NOW)
            db.add(patient)
        return patient

    return add
