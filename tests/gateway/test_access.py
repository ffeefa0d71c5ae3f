"""Who gets in: sign-in links, cookies, other sites' pages, and what a public server hides."""

from datetime import UTC, datetime, timedelta
from http.cookies import Morsel, SimpleCookie

import httpx
import pytest

from stipple.records.conversations import SIGN_IN_DAYS, signed_in
from stipple.sealing import new_key

from .conftest import COOKIE, Gateway, MakeGateway

PRODUCTION = {
    "environment": "production",
    "public_url": "https://chat.clinic.example",
    "mail_url": "smtp://mail.clinic.example",
    "mail_from": "stipple@clinic.example",
    "alert_emails": "desk@clinic.example",
    "secret_key": new_key(),
}
PUBLIC = [{"environment": "demo"}, PRODUCTION]
public = pytest.mark.parametrize("settings", PUBLIC, ids=["demo", "production"])
HEADERS = {
    "content-security-policy": "default-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'self'",
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
}


def cookie_of(response: httpx.Response) -> Morsel[str]:
    return SimpleCookie(response.headers["set-cookie"])[COOKIE]


def test_the_cookie_is_kept_from_scripts_and_other_sites(gateway: Gateway) -> None:
    for response in (gateway.send("Hello"), gateway.browser.get(gateway.link())):
        cookie = cookie_of(response)
        assert cookie["httponly"] is True
        assert cookie["samesite"].lower() == "lax"
        assert (cookie["path"], cookie["domain"]) == ("/", "")
        assert int(cookie["max-age"]) == timedelta(days=SIGN_IN_DAYS).total_seconds()
        assert not cookie["secure"], "on plain HTTP a secure cookie would be lost"


def test_the_cookie_is_secure_where_the_address_is(make_gateway: MakeGateway) -> None:
    gateway = make_gateway(**PRODUCTION)
    assert cookie_of(gateway.send("Hello"))["secure"] is True
    assert cookie_of(gateway.browser.get(gateway.link()))["secure"] is True


def test_a_visitor_keeps_their_conversation(gateway: Gateway) -> None:
    first, second = gateway.send("Hello"), gateway.send("Again")
    assert "set-cookie" not in second.headers
    (conversation,) = gateway.conversations()
    assert conversation.patient_id is None
    with gateway.database.begin() as db:
        found = signed_in(db, cookie_of(first).value, datetime.now(UTC))
        assert found is not None
        assert found.id == conversation.id


@pytest.mark.parametrize("token", ["forged", "", "x" * 5000])
def test_a_forged_cookie_signs_nobody_in(gateway: Gateway, token: str) -> None:
    gateway.browser.get(gateway.link())
    stranger = gateway.new_browser()
    headers = {"cookie": f"{COOKIE}={token}"}
    assert stranger.get("/api/conversation", headers=headers).json()["signed_in"] is False
    body = {"text": "Hello", "client_id": "client-1"}
    assert "set-cookie" in stranger.post("/api/messages", json=body, headers=headers).headers
    assert [c.patient_id is None for c in gateway.conversations()] == [False, True]


def test_a_link_signs_its_patient_in(gateway: Gateway) -> None:
    response = gateway.browser.get(gateway.link())
    assert (response.status_code, response.headers["location"]) == (303, "/")
    told = gateway.browser.get("/api/conversation")
    assert told.json() == {"signed_in": True, "clinic": "Small Clinic", "phone": "020 7946 0000", "limit": 2000}
    gateway.send("Hello")
    (conversation,) = gateway.conversations()
    assert conversation.patient_id is not None
    assert {m.conversation_id for m in gateway.messages()} == {conversation.id}


def test_a_link_takes_over_from_a_visitors_cookie(gateway: Gateway) -> None:
    gateway.send("As a visitor")
    gateway.browser.get(gateway.link())
    assert gateway.browser.get("/api/messages").json() == {"messages": []}
    gateway.send("As a patient")
    assert [c.patient_id is None for c in gateway.conversations()] == [True, False]


def test_two_browsers_of_a_patient_share_the_conversation(gateway: Gateway) -> None:
    link = gateway.link()
    gateway.browser.get(link)
    gateway.send("From my phone")
    other = gateway.new_browser()
    other.get(link)
    assert "From my phone" in other.get("/api/messages").text


@pytest.mark.parametrize("days", [0, -1])
def test_an_expired_link_leads_to_the_page_that_says_so(gateway: Gateway, days: int) -> None:
    response = gateway.browser.get(gateway.link(days=days))
    assert (response.status_code, response.headers["location"]) == (303, "/?link=expired")
    assert "set-cookie" not in response.headers
    assert gateway.conversations() == []


def test_an_unknown_link_is_like_an_expired_one(gateway: Gateway) -> None:
    for token in ("never-issued", "%00", "%ED%A0%80"):
        response = gateway.browser.get(f"/sign-in/{token}")
        assert (response.status_code, response.headers["location"]) == (303, "/?link=expired")


def test_a_post_from_another_site_is_refused(gateway: Gateway) -> None:
    for site in ("cross-site", "same-site", "unheard-of"):
        gateway.browser.headers["sec-fetch-site"] = site
        response = gateway.send("Hello")
        assert (response.status_code, response.json()) == (403, {"detail": "This request came from another site."})
    assert gateway.messages() == []
    assert gateway.browser.get("/").status_code == 200


def test_the_own_pages_post_is_taken(gateway: Gateway) -> None:
    for site in ("same-origin", "none"):
        gateway.browser.headers["sec-fetch-site"] = site
        assert gateway.send("Hello").status_code == 200


def test_every_answer_has_the_security_headers(gateway: Gateway) -> None:
    get, answers = gateway.browser.get, {}
    answers[200] = [get("/"), get("/static/chat.js"), get("/health"), get("/api/conversation"), gateway.send("Hello")]
    answers[303] = [get(gateway.link())]
    answers[404] = [get("/nothing"), get("/static/nothing"), gateway.send(choice="unknown")]
    answers[422] = [gateway.send("")]
    gateway.browser.headers["sec-fetch-site"] = "cross-site"
    answers[403] = [gateway.send("Hello")]
    for status, responses in answers.items():
        for response in responses:
            assert response.status_code == status
            assert {name: response.headers.get(name) for name in HEADERS} == HEADERS, response.url


@public
def test_the_trace_is_not_shown(make_gateway: MakeGateway, settings: dict[str, str]) -> None:
    gateway = make_gateway(**settings)
    response = gateway.send("Hello")
    gateway.log(gateway.conversations()[0].id, "assistant", "Dry.", trace=[{"kind": "aftercare"}], outcome="answered")
    for shown in (response, gateway.browser.get("/api/messages")):
        for message in shown.json()["messages"]:
            assert message.keys() == {"sequence", "author", "text", "choices", "sent_at"}
        assert "aftercare" not in shown.text


def test_a_test_stack_shows_the_trace(make_gateway: MakeGateway) -> None:
    gateway = make_gateway(environment="test")
    gateway.send("Hello")
    gateway.log(gateway.conversations()[0].id, "assistant", "Dry.", trace=[{"kind": "aftercare"}], outcome="answered")
    shown = gateway.browser.get("/api/messages?after=1").json()["messages"]
    assert [(m["answers"], m["outcome"]) for m in shown] == [([], "fallback"), ([{"kind": "aftercare"}], "answered")]


@public
def test_there_are_no_test_routes(make_gateway: MakeGateway, settings: dict[str, str]) -> None:
    gateway = make_gateway(**settings)
    response = gateway.browser.post("/test/conversations", json={"day": 5})
    assert response.status_code == 404
    assert gateway.conversations() == []
    assert gateway.browser.get("/test/conversations").status_code == 404


@public
def test_nobody_sets_the_clock(make_gateway: MakeGateway, settings: dict[str, str]) -> None:
    gateway = make_gateway(**settings)
    expired = gateway.link(days=-1)
    gateway.browser.headers["x-stipple-now"] = "2020-01-01T00:00:00+00:00"
    gateway.send("Hello")
    assert abs(gateway.messages()[0].sent_at - datetime.now(UTC)) < timedelta(minutes=1)
    assert gateway.browser.get(expired).headers["location"] == "/?link=expired"


@public
def test_nothing_else_is_published(make_gateway: MakeGateway, settings: dict[str, str]) -> None:
    browser = make_gateway(**settings).browser
    for path in ("/docs", "/redoc", "/openapi.json", "/static/", "/static/../app.py", "/static/%2e%2e/app.py"):
        assert browser.get(path).status_code == 404, path
