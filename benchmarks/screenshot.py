"""Takes the README's picture: a demo patient on day 2 asks a question on a phone.

Needs a running demo (`make run`) and Chromium: `.venv/bin/python -m benchmarks.screenshot LINK docs/chat.png`,
where LINK is the sign-in link of the patient on day 2.
"""

import shutil
import sys

from playwright.sync_api import expect, sync_playwright


def main(link: str, target: str) -> None:
    """Ask one question as a patient and save what the phone shows."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        page = browser.new_page(viewport={"width": 390, "height": 720}, device_scale_factor=2)
        page.goto(link)
        page.get_by_label("Your message").fill("can I wash my hair tomorrow?")
        page.get_by_role("button", name="Send").click()
        expect(page.locator(".message.assistant")).to_have_count(1)
        page.screenshot(path=target)
        browser.close()


if __name__ == "__main__":
    main(*sys.argv[1:])
