"""A danger sign is answered by the gateway itself, with Rasa and the database switched off."""

from dataclasses import replace
from datetime import UTC, datetime

from sqlalchemy import select, text

from actions.envelope import button, form_button
from stipple.content.pack import load_pack
from stipple.records.models import Alert
from stipple.records.wordings import publish_pack
from stipple.settings import ROOT
from tests.gateway.conftest import MakeGateway

URGENT = "there is pus and a bad smell coming from my scalp"


def send(browser, said: str) -> dict:
    body = {"text": said, "client_id": "client-0001"}
    return browser.post("/api/messages", json=body).raise_for_status().json()["messages"][-1]


def test_without_rasa_the_safety_text_comes_before_the_fallback(make_gateway: MakeGateway) -> None:
    gateway = make_gateway(environment="test")
    reply = send(gateway.browser, URGENT)
    assert reply["outcome"] == "fallback"
    assert "Call" in reply["text"].split("\n\n")[0]
    assert reply["answers"][0]["topic"] == "pus"


def test_without_the_database_a_message_is_answered_and_kept(make_gateway: MakeGateway) -> None:
    gateway = make_gateway(environment="test")
    with gateway.database.engine.begin() as connection:
        connection.execute(text("ALTER TABLE conversation RENAME TO gone"))
    reply = send(gateway.browser, "can i wear a hat?")
    assert (reply["sequence"], reply["outcome"]) == (0, "unsaved")
    assert reply["text"].startswith("Your message is kept.")


def test_a_screened_reply_names_the_version_of_its_wording_also_without_the_database(make_gateway: MakeGateway) -> None:
    gateway = make_gateway(environment="test")
    pack = load_pack(gateway.settings.content_dir)
    for text_of_pus in (pack.red_flags["pus"].text, "See a doctor now. Call {doctor_number}."):
        pus = pack.red_flags["pus"].model_copy(update={"text": text_of_pus})
        with gateway.database.begin() as db:
            publish_pack(db, replace(pack, red_flags={"pus": pus}), "Dr Example", datetime.now(UTC))
    assert send(gateway.browser, URGENT)["answers"][0]["wording_version"] == 2
    with gateway.database.engine.begin() as connection:
        connection.execute(text("ALTER TABLE conversation RENAME TO gone"))
    reply = send(gateway.browser, URGENT)
    assert reply["text"].startswith("See a doctor now.")
    assert reply["answers"][0]["wording_version"] == 2


def test_without_rasa_a_tapped_danger_sign_is_answered_and_raises_its_alert(make_gateway: MakeGateway) -> None:
    gateway = make_gateway(environment="test")
    gateway.send("Hello")
    pus = button("Pus", "red_flag/pus")
    gateway.log(gateway.conversations()[0].id, "assistant", "Did you mean this?", choices=[{"id": "choice-1", **pus}])
    reply = gateway.send(text="", choice="choice-1").json()["messages"][-1]
    assert reply["outcome"] == "fallback"
    assert reply["text"].startswith("See a doctor today.")
    with gateway.database.begin() as db:
        assert db.scalars(select(Alert.level)).all() == ["doctor"]


def test_without_rasa_a_tapped_emergency_is_answered_with_nothing_but_its_safety_text(
    make_gateway: MakeGateway,
) -> None:
    gateway = make_gateway(environment="test", content_dir=ROOT / "data" / "clinic")
    gateway.send("Hello")
    breath = form_button("My lips, throat or breath", "breathing")
    gateway.log(gateway.conversations()[0].id, "assistant", "Which one?", choices=[{"id": "choice-1", **breath}])
    reply = gateway.send(text="", choice="choice-1").json()["messages"][-1]
    assert reply["outcome"] == "safety"
    assert [t["topic"] for t in reply["answers"]] == ["anaphylaxis"]
