"""Accounts, sealed secrets and the audit's list on each kind of database."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pyotp
import pytest
from cryptography import fernet
from sqlalchemy import select, text

from stipple.console import audit_list, managing, two_step
from stipple.console.accounts import add_account
from stipple.console.audit import note
from stipple.console.signins import Credentials, RefusedError, let_in
from stipple.content.pack import Pack
from stipple.records.database import Database
from stipple.records.staff_models import Staff
from stipple.sealing import Sealer, SealError, new_key
from stipple.settings import Settings
from stipple.stack.database import secret_notices, upgrade_database
from tests.console.conftest import NOW, PASSWORD, quick_passwords
from tests.fixtures import no_settings, pack
from tests.records.conftest import database, postgres, sqlite_template, sqlite_url

__all__ = ["database", "no_settings", "pack", "postgres", "quick_passwords", "sqlite_template", "sqlite_url"]
pytestmark = pytest.mark.usefixtures("quick_passwords", "no_settings")


def settings(database: Database, *keys: str) -> Settings:
    address = database.engine.url.render_as_string(hide_password=False)
    return Settings(database_url=address, secret_key=",".join(keys))


def test_of_two_admins_who_put_each_other_out_one_stays(database: Database) -> None:
    with database.begin() as db:
        both = [add_account(db, f"{n}@clinic.example", n, "admin", PASSWORD, NOW) for n in ("robin", "sam")]
    together = Barrier(2)

    def put_out(by: Staff, other: Staff) -> str:
        together.wait()
        try:
            with database.begin() as db:
                managing.switch_off(db, by, other.id, NOW)
        except managing.ManageError as error:
            return str(error)
        return "done"

    with ThreadPoolExecutor(2) as pool:
        told = sorted(pool.map(put_out, both, reversed(both)))
    assert told == ["Your account may not do this any more.", "done"]
    with database.begin() as db:
        assert len([s for s in db.scalars(select(Staff)) if s.disabled_at is None]) == 1


def test_a_secret_that_was_kept_readably_is_sealed_and_opens_the_door_before_and_after(database: Database) -> None:
    secret, kept = pyotp.random_base32(), settings(database, new_key())
    with database.begin() as db:
        person = add_account(db, "robin@clinic.example", "Robin", "reviewer", PASSWORD, NOW)
        add_account(db, "sam@clinic.example", "Sam", "reviewer", PASSWORD, NOW)
        person.totp_secret = secret
    given = Credentials("robin@clinic.example", PASSWORD, pyotp.TOTP(secret).at(NOW), "192.0.2.1", "")
    assert let_in(database, given, Sealer(kept), NOW)
    for _ in range(2):
        upgrade_database(kept).engine.dispose()
        with database.begin() as db:
            rows = db.execute(text("select totp_secret, totp_sealed, totp_step from staff order by id")).all()
        assert [row[0] for row in rows] == [None, None]
        assert (Sealer(kept).open(rows[0][1]), rows[1][1]) == (secret, None)
    with pytest.raises(RefusedError):
        let_in(database, given, Sealer(kept), NOW)
    later = NOW + timedelta(seconds=30)
    fresh = Credentials(given.email, PASSWORD, pyotp.TOTP(secret).at(later), "192.0.2.1", "")
    assert let_in(database, fresh, Sealer(kept), later)


def test_a_key_is_replaced_and_a_missing_one_is_told(database: Database) -> None:
    old, new = new_key(), new_key()
    with database.begin() as db:
        person = add_account(db, "robin@clinic.example", "Robin", "reviewer", PASSWORD, NOW)
        secret = two_step.give_secret(db, person, Sealer(settings(database, old)), NOW)
    assert secret_notices(settings(database, new, old), database) == []
    (told,) = secret_notices(settings(database, new), database)
    assert told.startswith("STIPPLE_SECRET_KEY does not open the two-step sign-in of robin@clinic.example; put the")
    given = Credentials("robin@clinic.example", PASSWORD, pyotp.TOTP(secret).at(NOW), "192.0.2.1", "")
    with pytest.raises(RefusedError):
        let_in(database, given, Sealer(settings(database, new)), NOW)
    assert let_in(database, given, Sealer(settings(database, new, old)), NOW)


def test_the_audit_is_read_by_person_kind_and_place(database: Database, pack: Pack) -> None:
    with database.begin() as db:
        people = [add_account(db, f"{n}@clinic.example", n, "admin", PASSWORD, NOW).id for n in ("robin", "sam")]
        for minute in range(60):
            at = NOW + timedelta(minutes=minute // 2)
            note(db, at, "viewed" if minute % 3 else "took", f"inbox/{minute}", people[minute % 2])
    persons = {str(n): "" for n in people} | {"none": ""}
    everything = audit_list.read_filters({}, persons)
    with database.begin() as db:
        first = audit_list.read(db, everything, pack)
        assert (len(first.rows), first.page, first.pages) == (50, 1, 2)
        behind = audit_list.read_filters({"older": str(first.rows[-1].id)}, persons)
        rest = audit_list.read(db, behind, pack)
        assert (len(rest.rows), rest.page, rest.pages) == (12, 2, 2)
        ids = [row.id for row in first.rows + rest.rows]
        assert [row.id for row in audit_list.every(db, everything, pack, None)] == ids
        assert len(set(ids)) == 62
        narrow = audit_list.read_filters({"person": str(people[0]), "kind": "inbox"}, persons)
        assert [row.subject.words for row in audit_list.read(db, narrow, pack).rows] == [
            f"Inbox: {n}" for n in reversed(range(0, 60, 6))
        ]
        assert len(audit_list.every(db, narrow, pack, None)) == 10
        changes = audit_list.read_filters({"kind": "changes", "person": "none"}, persons)
        assert [row.action for row in audit_list.read(db, changes, pack).rows] == ["Added an account"] * 2


def test_a_seal_is_too_old_after_its_time(monkeypatch: pytest.MonkeyPatch) -> None:
    sealer = Sealer(Settings(secret_key=new_key()))
    sealed = sealer.seal("secret")
    assert sealer.open(sealed, two_step.OFFERED_FOR) == "secret"
    moved = fernet.time.time() + two_step.OFFERED_FOR.total_seconds() + 5
    monkeypatch.setattr(fernet.time, "time", lambda: moved)
    assert sealer.open(sealed) == "secret"
    with pytest.raises(SealError):
        sealer.open(sealed, two_step.OFFERED_FOR)


def test_the_key_of_a_demo_is_made_once_and_for_its_owner_alone(
    monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory
) -> None:
    file = tmp_path_factory.mktemp("key") / "var" / "secret.key"
    monkeypatch.setattr("stipple.sealing.KEY_FILE", file)
    sealed = Sealer(Settings()).seal("secret")
    assert Sealer(Settings()).open(sealed) == "secret"
    assert (file.stat().st_mode & 0o777, [p.name for p in file.parent.iterdir()]) == (0o600, ["secret.key"])
