"""Sign-in links and cookies: only hashes are stored, both expire, and each is bound to one patient's conversation."""

import hashlib
from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from stipple.records.conversations import (
    SIGN_IN_DAYS,
    UnknownLinkError,
    hash_token,
    issue_link,
    open_link,
    sign_in,
    signed_in,
    start_conversation,
)
from stipple.records.database import Database
from stipple.records.models import Conversation, Patient, SignIn, SignInLink

from .conftest import NOW

AddPatient = Callable[[str], Patient]
MINUTE = timedelta(minutes=1)


def link_for(database: Database, patient: Patient) -> str:
    with database.begin() as db:
        return issue_link(db, patient, NOW + timedelta(days=1))


def conversation_behind(database: Database, cookie: str) -> Conversation:
    with database.begin() as db:
        found = signed_in(db, cookie, NOW)
        assert found is not None
        return found


def test_only_a_hash_of_the_link_is_stored(database: Database, add_patient: AddPatient) -> None:
    token = link_for(database, add_patient("P-1"))
    with database.begin() as db:
        link = db.scalars(select(SignInLink)).one()
    assert link.token_hash == hash_token(token) == hashlib.sha256(token.encode()).hexdigest()
    assert token not in (link.token_hash, link.patient_id)


def test_only_a_hash_of_the_cookie_is_stored(database: Database, add_patient: AddPatient) -> None:
    token = link_for(database, add_patient("P-1"))
    with database.begin() as db:
        cookie = open_link(db, token, "web", NOW)
    with database.begin() as db:
        row = db.scalars(select(SignIn)).one()
    assert row.token_hash == hash_token(cookie)
    assert cookie not in (row.token_hash, row.conversation_id, token)


def test_tokens_are_long_and_never_the_same(database: Database, add_patient: AddPatient) -> None:
    patient = add_patient("P-1")
    tokens = {link_for(database, patient) for _ in range(20)}
    assert len(tokens) == 20
    assert min(map(len, tokens)) >= 32


def test_a_link_works_until_it_expires(database: Database, add_patient: AddPatient) -> None:
    token = link_for(database, add_patient("P-1"))
    end = NOW + timedelta(days=1)
    with database.begin() as db:
        assert open_link(db, token, "web", end - MINUTE)
        with pytest.raises(UnknownLinkError):
            open_link(db, token, "web", end)


def test_a_link_that_was_never_issued_opens_nothing(database: Database, add_patient: AddPatient) -> None:
    token = link_for(database, add_patient("P-1"))
    with database.begin() as db:
        for wrong in ("", token[:-1], token.swapcase(), hash_token(token)):
            with pytest.raises(UnknownLinkError):
                open_link(db, wrong, "web", NOW)
        assert db.scalar(select(func.count()).select_from(Conversation)) == 0


def test_a_link_opens_its_own_patients_conversation(database: Database, add_patient: AddPatient) -> None:
    patients = [add_patient("P-1"), add_patient("P-2")]
    tokens = [link_for(database, p) for p in patients]
    with database.begin() as db:
        cookies = [open_link(db, token, "web", NOW) for token in tokens]
    found = [conversation_behind(database, cookie) for cookie in cookies]
    assert [c.patient_id for c in found] == [p.id for p in patients]
    assert len({c.id for c in found}) == 2


def test_a_second_sign_in_joins_the_same_conversation(database: Database, add_patient: AddPatient) -> None:
    patient = add_patient("P-1")
    with database.begin() as db:
        first, second = (
            open_link(db, link_for_now, "web", NOW)
            for link_for_now in [
                issue_link(db, patient, NOW + timedelta(days=1)),
                issue_link(db, patient, NOW + timedelta(days=1)),
            ]
        )
    assert first != second
    assert conversation_behind(database, first).id == conversation_behind(database, second).id


def test_another_channel_is_another_conversation(database: Database, add_patient: AddPatient) -> None:
    token = link_for(database, add_patient("P-1"))
    with database.begin() as db:
        cookies = [open_link(db, token, channel, NOW) for channel in ("web", "telegram")]
    found = [conversation_behind(database, c) for c in cookies]
    assert [c.channel for c in found] == ["web", "telegram"]
    assert found[0].id != found[1].id


def test_an_anonymous_conversation_is_never_joined(database: Database, add_patient: AddPatient) -> None:
    token = link_for(database, add_patient("P-1"))
    with database.begin() as db:
        visitor = start_conversation(db, "web", NOW)
        cookie = open_link(db, token, "web", NOW)
    assert conversation_behind(database, cookie).id != visitor.id


def test_a_cookie_works_until_it_expires(database: Database) -> None:
    end = NOW + timedelta(days=SIGN_IN_DAYS)
    with database.begin() as db:
        conversation = start_conversation(db, "web", NOW)
        cookie = sign_in(db, conversation, NOW)
        other = sign_in(db, start_conversation(db, "web", NOW), NOW)
    with database.begin() as db:
        found = signed_in(db, cookie, end - MINUTE)
        assert found is not None
        assert found.id == conversation.id
        assert signed_in(db, cookie, end) is None
        assert signed_in(db, cookie + "x", NOW) is None
        assert signed_in(db, hash_token(cookie), NOW) is None
        assert signed_in(db, other, NOW) is not None
