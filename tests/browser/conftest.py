"""Browser tests wait longer for a page than Playwright does by itself: on two busy cores it takes its time."""

from playwright.sync_api import expect

expect.set_options(timeout=15_000)
