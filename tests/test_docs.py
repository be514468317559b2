"""What the docs tell people to type, click and set exists: commands, options, targets, links, settings, addresses."""

import re
import shlex
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
import typer

from app.accounts.models import SCOPES
from app.cli import cli
from app.core.settings import Settings
from app.prompts.import_lines import read_rows
from app.writing.pair_imports import Origin, wrong_with
from tests.api_contract import served

ROOT = Path(__file__).parents[1]
PAGES = sorted(
    [
        *(ROOT / "docs").rglob("*.md"),
        *(ROOT / name for name in ("README.md", "CONTRIBUTING.md", "SECURITY.md", "CHANGELOG.md")),
        ROOT / "app/demo/data/README.md",
    ]
)
BY_NAME = pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
FENCE = re.compile(r"^```.*?^```$", re.MULTILINE | re.DOTALL)
ADDRESS = re.compile(r"/api/v1/[\w./{}-]*[\w}]")


def code_of(page: Path) -> Iterator[str]:
    """Each line of code of a page: of its blocks, lines that go on joined, without comments; and between backticks."""
    text = page.read_text("utf-8")
    for block in FENCE.findall(text):
        for line in block.replace("\\\n", " ").split("\n")[1:-1]:
            yield line.split(" #")[0].strip()
    yield from (" ".join(code.split()) for code in re.findall(r"`([^`]+)`", FENCE.sub("", text)))


def written(page: Path, program: str) -> list[list[str]]:
    """The words after the name of a program, wherever a page calls it."""
    calls = [line for line in code_of(page) if re.match(rf"(?:\S*/)?{program}(?: |$)", line)]
    return [shlex.split(line)[1:] for line in calls]


@BY_NAME
def test_every_command_exists_with_its_options(page: Path) -> None:
    for words in written(page, "penset"):
        found: Any = typer.main.get_command(cli)
        for word in words:
            if word in getattr(found, "commands", {}):
                found = found.commands[word]
            elif word.startswith("-"):
                known = {name for one in found.params for name in (*one.opts, *one.secondary_opts)} | {"--help"}
                assert word.split("=")[0] in known, f"penset {' '.join(words)}"
            else:
                assert word == "COMMAND" or not hasattr(found, "commands"), f"penset {' '.join(words)}"


@BY_NAME
def test_every_target_of_make_exists(page: Path) -> None:
    makefile = (ROOT / "Makefile").read_text()
    targets = set(re.findall(r"^([a-z][\w-]*):", makefile, re.MULTILINE))
    variables = {*re.findall(r"^([A-Z_]+) \?=", makefile, re.MULTILINE), "CHROMIUM"}
    for words in written(page, "make"):
        for word in words:
            name, is_variable, _ = word.partition("=")
            assert name in (variables if is_variable else targets), f"make {' '.join(words)}"


@BY_NAME
def test_every_file_that_is_linked_or_shown_exists(page: Path) -> None:
    for target in re.findall(r"\]\(([^)\s]+)\)", FENCE.sub("", page.read_text("utf-8"))):
        if not target.startswith(("https://", "http://", "#")):
            assert (page.parent / target.split("#")[0]).exists(), target


@BY_NAME
def test_every_module_and_script_that_is_run_exists(page: Path) -> None:
    for line in code_of(page):
        for module in re.findall(r"python -m (app[\w.]*)", line):
            found = ROOT / module.replace(".", "/")
            assert found.with_suffix(".py").is_file() or (found / "__main__.py").is_file(), line
        for script in re.findall(r"\bscripts/[\w.]+", line):
            assert (ROOT / script).is_file(), line


@BY_NAME
def test_every_variable_is_a_setting(page: Path) -> None:
    compose = (ROOT / "docker-compose.yml").read_text()
    settings = {f"PENSET_{name}".upper() for name in Settings.model_fields}
    settings |= {
        *re.findall(r"\$\{(PENSET_\w+)", compose),
        "PENSET_POSTGRES_BIN",
        "PENSET_TEST_ROUNDS",
        "PENSET_TEST_RAY",
    }
    settings |= {"PENSET_TOKEN", "PENSET_URL"}  # the client's
    assert set(re.findall(r"PENSET_[A-Z][A-Z_]*[A-Z]", page.read_text("utf-8"))) <= settings


def called(page: Path) -> Iterator[tuple[str, str]]:
    """Method and path of each call of the API that a page shows; no method where it only names the path."""
    for line in code_of(page):
        for path in ADDRESS.findall(line):
            if not line.startswith("curl"):
                yield "", path
            elif told := re.search(r"-X ([A-Z]+)", line):
                yield told[1].lower(), path
            else:
                yield "post" if re.search(r" (-d|--data\S*) ", line) else "get", path


@BY_NAME
def test_every_address_of_the_api_exists_with_its_method(page: Path) -> None:
    routes = {"/api/v1/openapi.json": {"get": {}}} | served()["paths"]
    for method, path in called(page):
        shapes = {re.sub(r"\{\w+\}", "[^/]+", route): methods for route, methods in routes.items()}
        fitting = [methods for shape, methods in shapes.items() if re.fullmatch(shape, path)]
        assert any(not method or method in methods for methods in fitting), f"{method} {path}"


@BY_NAME
def test_every_call_with_a_cookie_names_its_origin(page: Path) -> None:
    """Else the site refuses it as one from another site (`core.cross_site`)."""
    calls = [
        line
        for line in code_of(page)
        if line.startswith("curl") and re.search(r"--cookie|cookie:", line, re.IGNORECASE)
    ]
    assert [line for line in calls if "Origin:" not in line] == []


@BY_NAME
def test_every_scope_is_one_and_none_is_forgotten(page: Path) -> None:
    named = set(re.findall(r"`([a-z]+:(?:read|write|publish))`", page.read_text("utf-8")))
    assert named <= set(SCOPES)
    assert page.name != "api.md" or named == set(SCOPES)


def test_the_pages_are_led_to_from_the_readme() -> None:
    told = (ROOT / "README.md").read_text("utf-8")
    for page in (ROOT / "docs").glob("*.md"):
        assert f"(docs/{page.name})" in told, page.name


def test_the_lines_that_show_an_import_can_be_imported() -> None:
    page = (ROOT / "docs" / "collect.md").read_text("utf-8")
    lines = re.findall(r"^```json\n(.*?)^```$", page, re.MULTILINE | re.DOTALL)
    assert len(list(read_rows(BytesIO(lines[0].encode()), {"Explain": 1}))) == 3
    pairs = list(read_rows(BytesIO(lines[1].encode()), {}, lambda row: wrong_with(Origin(), row)))
    assert len(pairs) == 2


def test_every_rule_that_a_test_names_is_told_and_no_other() -> None:
    """A comment names a rule by its id; `noqa` names a linter's."""
    names = re.compile(r"\b[SIR]\d{1,3}\b")
    files = [*(ROOT / "tests").rglob("*.py"), ROOT / "tests/data/routes.txt"]
    comments = [line for file in files for line in re.findall(r"#(?! noqa).*", file.read_text("utf-8"))]
    proved = {name for comment in comments for name in names.findall(comment.split("# noqa")[0])}
    told = re.findall(r"^- \*\*([SIR]\d+)\*\* ", (ROOT / "docs/security.md").read_text("utf-8"), re.MULTILINE)
    assert len(told) == len({*told})
    assert proved - {*told} == set()
    assert {*told} - proved == set()
