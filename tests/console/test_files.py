"""The console's files: nothing comes from elsewhere, and nothing that its own security policy would block."""

import re
from pathlib import Path

import pytest

from stipple.console.render import FOLDER, STATIC
from tests.console.conftest import StaffedClinic
from tests.gateway.test_page import ELSEWHERE

TEMPLATES = sorted((FOLDER / "templates").rglob("*.html"))
FILES = [*TEMPLATES, *sorted(STATIC.iterdir())]


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_no_file_names_another_site(path: Path) -> None:
    lines = path.read_text(encoding="utf-8").splitlines()
    code = [line for line in lines if not line.lstrip().startswith("//")]
    assert ELSEWHERE.findall("\n".join(code)) == []


# The page of an export is a file that people keep, so it brings its style with it.
@pytest.mark.parametrize("path", [t for t in TEMPLATES if t.name != "export.html"], ids=lambda path: path.name)
def test_no_template_has_a_script_a_style_or_unencoded_text(path: Path) -> None:
    source = path.read_text(encoding="utf-8")
    assert not re.search(r"<style|\bstyle=|\son\w+=|javascript:|\|\s*safe|autoescape", source, re.IGNORECASE)
    assert all("src=" in tag for tag in re.findall(r"<script[^>]*>", source))


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.name)
def test_every_form_that_changes_something_has_the_secret(path: Path) -> None:
    forms = re.findall(r"<form.*?</form>", path.read_text(encoding="utf-8"), re.DOTALL)
    assert all('name="csrf"' in form for form in forms if 'method="post"' in form)


@pytest.mark.parametrize("name", ["inbox.js", "keys.js"])
def test_the_scripts_write_no_markup(name: str) -> None:
    script = (STATIC / name).read_text(encoding="utf-8")
    assert not re.search(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\b|new Function", script)


def test_the_pages_load_only_files_that_exist(clinic: StaffedClinic) -> None:
    browser = clinic.signed_in()
    loaded = re.findall(r'(?:src|href)="(/static/[^"]*)"', browser.get("/staff").text)
    assert len(loaded) == 6
    assert {browser.get(path).status_code for path in loaded} == {200}
