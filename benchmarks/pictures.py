"""Takes the README's pictures of an invented clinic: `.venv/bin/python -m benchmarks.pictures` writes them to docs/.

Starts a stack of its own with an empty database, so nothing else is touched. Needs Chromium; takes two minutes.
"""

import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
from playwright.sync_api import Browser, Page, expect, sync_playwright
from sqlalchemy import select

from stipple.console import rewording
from stipple.console.accounts import add_account
from stipple.content.pack import load_pack
from stipple.records.demo import demo_links, fill_demo
from stipple.records.models import Patient
from stipple.records.simulated import simulate
from stipple.records.wordings import Words, current_wordings
from stipple.settings import ROOT, Settings
from stipple.stack.database import prepare_database
from stipple.stack.model import ensure_model
from stipple.stack.supervise import running, scratch_settings

DOCS = ROOT / "docs"
EMAIL, PASSWORD = "robin@clinic.example", "invented for pictures"
# The wording that many of the simulated patients do not understand, and a clearer one.
RULE = "aftercare/shampoo/0-6"
CLEARER = "Use no shampoo or soap on your head until day 7. You can wash your body, but keep the suds off your scalp."
# What each demo patient writes, by the number of their record.
SAID = (
    ("DEMO-5", "my throat is closing up and i can't breathe"),
    ("DEMO-4", "there is pus and a bad smell coming from my scalp"),
    ("DEMO-1", "can i talk to a person please"),
    ("DEMO-6", "how should i look after my dots now"),
    ("DEMO-2", "can i go swimming on saturday"),
    ("DEMO-2", "what do you mean"),
    ("DEMO-2", "can i wear a hat tomorrow"),
)


def fill(settings: Settings) -> dict[str, str]:
    """An invented clinic in which one wording was made clearer; a sign-in token for each demo patient."""
    database, pack, now = prepare_database(settings), load_pack(settings.content_dir), datetime.now(UTC)
    with database.begin() as db:
        fill_demo(db, pack.profile, now)
        patients = list(db.scalars(select(Patient).order_by(Patient.reference)))
        for number, patient in enumerate(patients):
            patient.phone = f"07700 90010{number}"
        tokens = {p.reference: token for p, (_, token) in zip(patients, demo_links(db, now), strict=True)}
        simulate(db, pack, 600, 11, now - timedelta(days=1), lambda _: None, 20)
        robin = add_account(db, EMAIL, "Robin Hart", "practitioner", PASSWORD, now)
        sam = add_account(db, "sam@clinic.example", "Sam Lee", "practitioner", PASSWORD, now)
        old = current_wordings(db)[RULE]
        proposal = rewording.propose(db, RULE, robin, Words(CLEARER, old.why, old.simpler), old.version, pack, now)
        rewording.approve(db, proposal.id, sam, pack, now)
        simulate(db, pack, 400, 12, now - timedelta(hours=1), lambda _: None, 20)
    database.engine.dispose()
    return tokens


def write(url: str, tokens: dict[str, str]) -> None:
    """Every demo patient writes."""
    for reference in dict.fromkeys(who for who, _ in SAID):
        with httpx.Client(base_url=url, timeout=30, trust_env=False) as patient:
            patient.get(f"/sign-in/{tokens[reference]}", follow_redirects=True).raise_for_status()
            for text in (text for who, text in SAID if who == reference):
                body = {"text": text, "client_id": secrets.token_hex(8)}
                patient.post("/api/messages", json=body).raise_for_status()


@contextmanager
def window(browser: Browser, url: str, width: int, height: int, **more: Any) -> Iterator[Page]:
    """A window in which Robin is signed in."""
    context = browser.new_context(viewport={"width": width, "height": height}, **more)
    page = context.new_page()
    page.goto(f"{url}/staff")
    page.get_by_label("E-mail address").fill(EMAIL)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("heading", name="Inbox")).to_be_visible()
    yield page
    context.close()


def take(browser: Browser, url: str, tokens: dict[str, str]) -> None:
    """Take each picture."""
    context = browser.new_context(viewport={"width": 390, "height": 720}, device_scale_factor=2)
    page = context.new_page()
    page.goto(f"{url}/sign-in/{tokens['DEMO-3']}")
    page.get_by_label("Your message").fill("can I wash my hair tomorrow?")
    page.get_by_role("button", name="Send").click()
    expect(page.locator(".message.assistant")).to_have_count(1)
    page.screenshot(path=DOCS / "chat.png")
    context.close()
    with window(browser, url, 375, 840, has_touch=True, is_mobile=True, device_scale_factor=1.5) as page:
        page.screenshot(path=DOCS / "inbox-phone.png")
    with window(browser, url, 1120, 720) as page:
        page.screenshot(path=DOCS / "inbox.png")
        page.goto(f"{url}/staff/clarity")
        page.screenshot(path=DOCS / "clarity.png")
        page.goto(f"{url}/staff/wordings")
        page.locator("section", has_text="Published lately").get_by_role("link").first.click()
        page.screenshot(path=DOCS / "wording.png")
        page.goto(f"{url}/staff/conversations?reference=DEMO-2")
        page.locator("main .rows a").first.click()
        page.screenshot(path=DOCS / "transcript.png")
        page.goto(f"{url}/staff/patients?sort=name")
        page.get_by_label("Name, reference or phone number").fill("DEMO-3")
        page.get_by_role("button", name="Show", exact=True).click()
        page.get_by_role("link", name="Demo Two").click()
        page.screenshot(path=DOCS / "patient.png")


def main() -> None:
    """Fill a clinic, let patients write, and take the pictures."""
    model = ensure_model(print)
    with scratch_settings() as (settings, folder):
        tokens = fill(settings)
        with running(settings, model, folder / "run", print) as stack, sync_playwright() as playwright:
            write(stack.settings.base_url, tokens)
            browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
            take(browser, stack.settings.base_url, tokens)
            browser.close()


if __name__ == "__main__":
    main()
