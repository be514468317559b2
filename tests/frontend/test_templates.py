"""Every template compiles, and none holds what the content policy or the escaping of text forbids."""

import re
from pathlib import Path

import pytest

from app.core import static_content
from app.core.web import environment

ROOT = Path(__file__).resolve().parents[2]
TEMPLATES = sorted((ROOT / "templates").rglob("*.html"))
SCRIPTS = sorted((ROOT / "static/js").glob("*.js"))
PARTS = sorted((ROOT / "static/css").glob("*.css"))
FORBIDDEN = {
    "an inline script": re.compile(r"<script(?![^>]*\ssrc=)", re.IGNORECASE),
    "an inline style": re.compile(r"<style|\sstyle\s*=", re.IGNORECASE),
    "a handler attribute": re.compile(r"\son[a-z]+\s*=", re.IGNORECASE),
    "an address of others": re.compile(r"(?:src|href|action)=[\"']?(?:https?:)?//", re.IGNORECASE),
    "a script address": re.compile(r"javascript:", re.IGNORECASE),
    "htmx that evaluates": re.compile(r"hx-on|[\"']js:", re.IGNORECASE),
    "unescaped text": re.compile(r"\|\s*safe\b|autoescape\s+false|Markup\("),
    "a pre, which eats a newline": re.compile(r"<pre\b", re.IGNORECASE),
}


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda file: str(file.relative_to(ROOT / "templates")))
def test_a_template_compiles(template: Path) -> None:
    environment().get_template(str(template.relative_to(ROOT / "templates")))


@pytest.mark.parametrize("what", FORBIDDEN)
def test_no_template_holds(what: str) -> None:  # S37, S63
    written = {file: re.sub(r"{#.*?#}", "", file.read_text(), flags=re.DOTALL) for file in TEMPLATES}
    found = [str(file.relative_to(ROOT)) for file, text in written.items() if FORBIDDEN[what].search(text)]
    assert found == []


def test_every_template_escapes_whatever_its_name() -> None:  # S63
    from_string = environment().from_string("{{ text }}")
    assert environment().autoescape is True
    assert from_string.render(text="<b>\"'&") == "&lt;b&gt;&#34;&#39;&amp;"


def test_only_the_sanitiser_and_the_static_address_make_markup() -> None:  # S63
    found = {str(file.relative_to(ROOT)) for file in (ROOT / "app").rglob("*.py") if "Markup(" in file.read_text()}
    assert found <= {"app/core/markdown.py", "app/core/web.py"}


def test_scripts_are_small_open_with_their_question_and_evaluate_nothing() -> None:  # S37
    for script in SCRIPTS:
        text = script.read_text()
        assert text.startswith("// "), script.name
        assert text.count("\n") < 120, script.name
        assert not re.search(r"\beval\(|new Function|innerHTML|insertAdjacentHTML|document\.write", text), script.name


def test_every_script_is_imported_by_another_but_those_that_pages_name() -> None:
    named = {name for script in SCRIPTS for name in re.findall(r'"\./([\w-]+\.js)"', script.read_text())}
    assert {script.name for script in SCRIPTS} - named == {"main.js", "review.js", "playground.js"}


def test_every_stylesheet_is_part_of_the_one_that_pages_wait_for() -> None:
    assert sorted(static_content.PARTS[1:]) == [f"css/{part.name}" for part in PARTS]
    assert static_content.PARTS[:3] == ("fonts/fonts.css", "css/tokens.css", "css/base.css")


def test_every_class_that_a_stylesheet_names_is_on_some_page() -> None:
    """Those that end in a figure are made of it: `line-{{ n }}`."""
    code = [file.read_text() for file in (*TEMPLATES, *SCRIPTS, *(ROOT / "app").rglob("*.py"))]
    used = set(re.findall(r"[a-zA-Z][\w-]*", "\n".join(code)))
    rules = [re.sub(r"/\*.*?\*/|{[^{}]*}", " ", part.read_text(), flags=re.DOTALL) for part in PARTS]
    named = {re.sub(r"(?<=-)\d+$", "", name) for rule in rules for name in re.findall(r"\.([a-zA-Z][\w-]*)", rule)}
    assert len(named) > 100
    assert named - used == set()
