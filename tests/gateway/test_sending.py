"""Sending messages: what is refused, what is logged, and what happens when the engine is down."""

import logging
import time
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest

from stipple.records.models import Message

from .conftest import COOKIE, Gateway, MakeGateway

FALLBACK = "I could not look that up. Call 020 7946 0000."
CHOICES = [{"id": "choice-1", "title": "Why?", "payload": '/followup{"question": "followup/why"}'}]


def said(response: httpx.Response) -> list[tuple[int, str, str]]:
    assert response.status_code == 200, response.text
    return [(m["sequence"], m["author"], m["text"]) for m in response.json()["messages"]]


def test_an_empty_message_is_refused(gateway: Gateway) -> None:
    for text in ("", " ", "\n\t ", "\0"):
        response = gateway.send(text)
        assert (response.status_code, response.json()) == (422, {"detail": "Please type a message."})
    assert gateway.messages() == []
    assert gateway.conversations() == []


@pytest.mark.parametrize("limit", [100, 2000])
def test_a_message_over_the_limit_is_refused(make_gateway: MakeGateway, limit: int) -> None:
    gateway = make_gateway(message_limit=limit)
    response = gateway.send("x" * (limit + 1))
    assert (response.status_code, response.json()) == (422, {"detail": f"Please keep it to {limit} letters."})
    assert gateway.messages() == []
    assert said(gateway.send("x" * limit))[0] == (1, "patient", "x" * limit)


MALFORMED: list[dict[str, object]] = [
    {"text": "Hello"},
    {"text": "Hello", "client_id": "short"},
    {"text": "Hello", "client_id": "x" * 65},
    {"text": "Hello", "client_id": "client-1", "author": "staff"},
    {"choice": "x" * 101, "client_id": "client-1"},
    {"text": ["Hello"], "client_id": "client-1"},
]


def test_a_malformed_request_is_refused(gateway: Gateway) -> None:
    for body in MALFORMED:
        assert gateway.browser.post("/api/messages", json=body).status_code == 422, body
    assert gateway.messages() == []


def test_any_typed_text_can_be_stored(gateway: Gateway) -> None:
    texts = {r"a\u0000b": "ab", r"cut off \ud83d": "cut off ?", r"\ud83d\udc4d": "👍", "  ok  ": "ok"}
    for number, raw in enumerate(texts):
        body = f'{{"text": "{raw}", "client_id": "client-{number}"}}'
        response = gateway.browser.post("/api/messages", content=body, headers={"content-type": "application/json"})
        assert said(response)[0][1:] == ("patient", texts[raw])
    assert [m.text for m in gateway.messages()[::2]] == list(texts.values())


def test_when_the_engine_is_down_the_fallback_is_told_and_logged(
    gateway: Gateway, caplog: pytest.LogCaptureFixture
) -> None:
    started = time.monotonic()
    with caplog.at_level(logging.WARNING):
        response = gateway.send("My secret itch")
    assert time.monotonic() - started < 5
    assert said(response) == [(1, "patient", "My secret itch"), (2, "assistant", FALLBACK)]
    asked, reply = gateway.messages()
    assert (asked.author, asked.text, asked.client_id) == ("patient", "My secret itch", "message-1")
    assert (reply.author, reply.text, reply.outcome, reply.choices) == ("assistant", FALLBACK, "fallback", [])
    assert "fallback in conversation" in caplog.text
    assert "secret" not in caplog.text, "no patient's words in the process's log"


def test_the_conversation_goes_on_after_a_fallback(gateway: Gateway) -> None:
    gateway.send("First")
    assert [sequence for sequence, *_ in said(gateway.send("Second"))] == [3, 4]
    assert len({m.conversation_id for m in gateway.messages()}) == 1


def test_a_repeated_message_is_answered_once(gateway: Gateway) -> None:
    first = gateway.send("Hello", client_id="client-1")
    again = gateway.send("Hello", client_id="client-1")
    assert said(again) == said(first)
    assert [m.author for m in gateway.messages()] == ["patient", "assistant"]


def test_a_message_sent_twice_at_once_is_answered_once(gateway: Gateway) -> None:
    gateway.send("Before")
    with ThreadPoolExecutor(4) as threads:
        responses = list(threads.map(lambda _: gateway.send("Hello", client_id="client-1"), range(4)))
    assert {tuple(said(r)) for r in responses} == {((3, "patient", "Hello"), (4, "assistant", FALLBACK))}
    assert len(gateway.messages()) == 4


def test_a_repeated_message_that_was_never_answered_is_answered(gateway: Gateway) -> None:
    gateway.send("Before")
    gateway.log(gateway.conversations()[0].id, "patient", "Hello", client_id="client-1")
    assert said(gateway.send("Hello", client_id="client-1")) == [(3, "patient", "Hello"), (4, "assistant", FALLBACK)]
    assert len(gateway.messages()) == 4


def test_the_same_client_id_in_another_conversation_is_another_message(gateway: Gateway) -> None:
    gateway.send("Hello", client_id="client-1")
    other = gateway.new_browser().post("/api/messages", json={"text": "Other", "client_id": "client-1"})
    assert said(other)[0] == (1, "patient", "Other")


def test_an_offered_choice_is_taken(gateway: Gateway) -> None:
    gateway.send("Hello")
    gateway.log(gateway.conversations()[0].id, "assistant", "Keep it dry.", choices=CHOICES)
    assert said(gateway.send(text="", choice="choice-1"))[0] == (4, "patient", "Why?")


def test_a_choices_payload_is_not_shown(gateway: Gateway) -> None:
    gateway.send("Hello")
    gateway.log(gateway.conversations()[0].id, "assistant", "Keep it dry.", choices=CHOICES)
    response = gateway.browser.get("/api/messages?after=2")
    assert response.json()["messages"][0]["choices"] == [{"id": "choice-1", "title": "Why?"}]
    assert "followup" not in response.text


def test_an_unknown_choice_is_not_found(gateway: Gateway) -> None:
    gateway.send("Hello")
    gateway.log(gateway.conversations()[0].id, "assistant", "Keep it dry.", choices=CHOICES)
    for choice in ("unknown", "", "followup/why", '/followup{"question": 1}'):
        response = gateway.send(text="", choice=choice)
        assert (response.status_code, response.json()) == (404, {"detail": "I did not get that."})
    assert len(gateway.messages()) == 3


def test_a_choice_of_another_conversation_is_refused(gateway: Gateway) -> None:
    gateway.send("Hello")
    gateway.log(gateway.conversations()[0].id, "assistant", "Keep it dry.", choices=CHOICES)
    stranger = gateway.new_browser()
    stranger.post("/api/messages", json={"text": "Hello", "client_id": "client-1"})
    before = len(gateway.messages())
    response = stranger.post("/api/messages", json={"choice": "choice-1", "client_id": "client-2"})
    assert response.status_code == 404
    assert len(gateway.messages()) == before


def test_catching_up_gives_what_came_after(gateway: Gateway) -> None:
    gateway.send("First")
    gateway.send("Second")
    assert [s for s, *_ in said(gateway.browser.get("/api/messages"))] == [1, 2, 3, 4]
    assert [s for s, *_ in said(gateway.browser.get("/api/messages?after=3"))] == [4]
    assert said(gateway.browser.get("/api/messages?after=4")) == []


def test_a_long_conversation_comes_in_parts(gateway: Gateway) -> None:
    gateway.send("First")
    conversation = gateway.conversations()[0].id
    with gateway.database.begin() as db:
        sent_at = gateway.messages()[0].sent_at
        db.add_all(
            Message(conversation_id=conversation, sequence=n, author="staff", text=f"Note {n}", sent_at=sent_at)
            for n in range(3, 252)
        )
    found, last = [], 0
    while part := said(gateway.browser.get(f"/api/messages?after={last}")):
        found += [sequence for sequence, *_ in part]
        last = found[-1]
    assert found == list(range(1, 252))


def test_an_impossible_number_is_refused(gateway: Gateway) -> None:
    gateway.send("Hello")
    for after in ("-1", "99999999999999999999", "x"):
        assert gateway.browser.get(f"/api/messages?after={after}").status_code == 422


def test_nobody_else_sees_the_messages(gateway: Gateway) -> None:
    gateway.send("Hello")
    stranger = gateway.new_browser()
    assert said(stranger.get("/api/messages")) == []
    stranger.cookies.set(COOKIE, gateway.conversations()[0].id)
    assert said(stranger.get("/api/messages")) == []
    stranger.post("/api/messages", json={"text": "Mine", "client_id": "client-1"})
    assert "Hello" not in stranger.get("/api/messages").text
