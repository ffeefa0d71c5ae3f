"""The chat page's files: nothing comes from elsewhere, and nothing that its own security policy would block."""

import re

import pytest

from stipple.gateway.app import PAGE

from .conftest import Gateway

FILES = sorted(PAGE.iterdir())
HTML = (PAGE / "chat.html").read_text(encoding="utf-8")
# The name of the SVG language; nothing is loaded from it.
NAMESPACE = 'xmlns="http://www.w3.org/2000/svg"'
ELSEWHERE = re.compile(r"\b(?:https?|wss?|ftp):|[\"'(=\s]//\w|@import|\bdata:", re.IGNORECASE)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_no_file_names_another_site(path: object) -> None:
    source = path.read_text(encoding="utf-8").replace(NAMESPACE, "")  # type: ignore[attr-defined]
    lines = [line for line in source.splitlines() if not line.lstrip().startswith("// ")]
    assert ELSEWHERE.findall("\n".join(lines)) == []


@pytest.mark.parametrize(
    "source",
    [
        '<script src="https://cdn.example/x.js">',
        '<img src="//cdn.example/x.png">',
        "@import 'x.css'",
        "url(//cdn.example/x)",
        "fetch('//cdn.example')",
    ],
)
def test_another_site_would_be_noticed(source: str) -> None:
    assert ELSEWHERE.search(source)


def test_the_page_loads_only_its_own_files(gateway: Gateway) -> None:
    assert gateway.browser.get("/").text == HTML
    loaded = re.findall(r"(?:src|href)=\"([^\"]*)\"", HTML)
    assert len(loaded) == 4
    for path in loaded:
        assert gateway.browser.get(path).content == (PAGE / path.removeprefix("/static/")).read_bytes()


def test_the_page_has_no_script_or_style_of_its_own() -> None:
    assert not re.search(r"<style|\bstyle=|\son\w+=|javascript:", HTML, re.IGNORECASE)
    assert all("src=" in tag for tag in re.findall(r"<script[^>]*>", HTML))
    script = (PAGE / "chat.js").read_text(encoding="utf-8")
    assert not re.search(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\b|new Function", script)


def test_the_script_asks_only_for_routes_that_exist(gateway: Gateway) -> None:
    script = (PAGE / "chat.js").read_text(encoding="utf-8")
    paths = set(re.findall(r"request\([\"`](/[\w/]+)", script))
    assert paths == {"/api/conversation", "/api/messages"}
    assert {gateway.browser.get(path).status_code for path in paths} == {200}
