"""The house tests itself: what a newcomer may rely on without reading everything."""

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from graphlib import TopologicalSorter
from pathlib import Path

import grimp
import pytest
from fastapi import FastAPI
from fastapi.routing import RouteContext
from pydantic import BaseModel

from app.core.database import Base, request_session
from app.core.jobs import QUEUES
from app.core.settings import Settings
from app.core.signpost import every_route
from app.core.tasks import jobs
from app.core.web import FormIn, In, Out, environment

ROOT = Path(__file__).resolve().parents[1]
SOURCES = sorted((ROOT / "app").rglob("*.py"))
ERROR_CLASSES = {
    "Malformed", "NotSignedIn", "Refused", "NotFound", "Conflict", "Gone", "TooLarge", "WrongMediaType", "Invalid",
    "TooOften", "TooLong", "TooSlow", "MethodNotAllowed", "Unavailable", "Verdict", "DomainError",
}  # fmt: skip
CODE = re.compile(r"[a-z]+\.[a-z0-9_]+")


def calls(path: Path) -> Iterator[ast.Call]:
    """Every call that stands in a file."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Call):
            yield node


def called(call: ast.Call) -> str:
    """The name of what is called."""
    function = call.func
    return (
        function.id if isinstance(function, ast.Name) else function.attr if isinstance(function, ast.Attribute) else ""
    )


def routes(app: FastAPI) -> list[RouteContext]:
    """Every route of ours, more than none."""
    found = list(every_route(app))
    assert found
    return found


def test_every_module_opens_with_its_question() -> None:
    without = [path for path in SOURCES if not ast.get_docstring(ast.parse(path.read_text("utf-8")))]
    assert [str(path.relative_to(ROOT)) for path in without] == []


def public(tree: ast.Module) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef]:
    """Functions, classes and methods that others may name; what stands inside a function is its own business."""
    for node in tree.body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) and not node.name.startswith("_"):
            yield node
            if isinstance(node, ast.ClassDef):
                for inner in node.body:
                    if isinstance(inner, ast.FunctionDef | ast.AsyncFunctionDef) and not inner.name.startswith("_"):
                        yield inner


def test_public_functions_say_what_they_do() -> None:
    silent = [
        f"{path.relative_to(ROOT)}:{node.lineno} {node.name}"
        for path in SOURCES
        for node in public(ast.parse(path.read_text("utf-8")))
        if not ast.get_docstring(node)
    ]
    assert silent == []


def test_no_function_and_no_file_grows_too_long() -> None:
    files = [str(path.relative_to(ROOT)) for path in SOURCES if len(path.read_text("utf-8").splitlines()) > 400]
    functions = [
        f"{path.relative_to(ROOT)}:{node.lineno} {node.name}"
        for path in SOURCES
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.FunctionDef) and (node.end_lineno or 0) - node.lineno >= 80
    ]
    assert (files, functions) == ([], [])


def test_no_modules_import_one_another_in_a_circle() -> None:
    """Imports inside functions count, too: a circle that is put off is a circle. What fails names the modules."""
    imports = grimp.build_graph("app", cache_dir=None)
    TopologicalSorter({name: imports.find_modules_directly_imported_by(name) for name in imports.modules}).prepare()


def test_every_template_compiles() -> None:
    env = environment()
    names = env.list_templates(extensions=["html"])
    assert names
    for name in names:
        env.get_template(name)


def test_a_page_route_a_template_and_a_test_share_their_name(app: FastAPI) -> None:
    """`prompts.show` is drawn by templates/prompts/show.html and tested in tests/prompts."""
    missing = []
    for route in routes(app):
        if route.include_in_schema or route.methods != {"GET"}:
            continue
        room, _, page = str(route.name).partition(".")
        if not any((ROOT / "tests" / room).glob("test_*.py")):
            missing.append(f"{route.name}: no tests")
        if not (ROOT / "templates" / room / f"{page}.html").exists() and page not in DRAWN_IN_PARTS:
            missing.append(f"{route.name}: no template")
    assert missing == []


# GET routes of pages that answer with a part of a page, the same page, a file or a redirect.
DRAWN_IN_PARTS = {
    "project_audit",
    "invite",
    "reset",
    "first_admin",
    "erasure_state",
    "consent_state",
    "live",
    "progress",
    "model_file",
    "answers_file",
    "formats",
    "format_file",
    "pushes",
    "file",
    "changes",
    "comments",
    "compare",
    "download",
    "openapi",
    "live_health",
    "ready",
}


def test_route_names_are_unique(app: FastAPI) -> None:
    names = [str(route.name) for route in routes(app) if "GET" in (route.methods or ())]
    assert sorted(names) == sorted(set(names))


def test_no_async_route_holds_a_session(app: FastAPI) -> None:
    """An `async def` that held a connection would hold it while it waits."""
    import inspect

    def uses_session(dependant: object) -> bool:
        inner = getattr(dependant, "dependencies", [])
        return getattr(dependant, "call", None) is request_session or any(uses_session(one) for one in inner)

    guilty = [
        route.name
        for route in routes(app)
        if inspect.iscoroutinefunction(route.endpoint) and uses_session(route.dependant)
    ]
    assert guilty == []


def test_enqueued_names_are_tasks() -> None:
    jobs.perform_import_paths()  # type: ignore[no-untyped-call]
    names: dict[str, set[str]] = {"enqueue": set(), "enqueuing": set()}
    for call in (call for path in SOURCES for call in calls(path) if called(call) in names):
        name = [one.value for one in call.args[:2] if isinstance(one, ast.Constant)]
        names[called(call)] |= {str(one) for one in name[:1]}
    assert all(names.values())
    assert set().union(*names.values()) <= set(jobs.tasks)
    assert {jobs.tasks[name].queue for name in names["enqueuing"]} == {"default"}
    assert set(QUEUES) <= set(jobs.tasks)


# A process that has loaded the site: which modules, and what of the house stands ready before anybody asks for it.
LOADED = """
import sys, app.main, app.cli
from app.core.database import Base
from app.core.web import FormIn, In, Out
print(*sys.modules)
print(
    [one for one in Base.registry.mappers if one.configured],
    [one.__name__ for base in (In, FormIn, Out) for one in base.__subclasses__() if one.__pydantic_complete__],
    [one.path for one in app.main.ROUTES if "path_regex" in vars(one)],
)
"""


@pytest.fixture(scope="module")
def loaded() -> list[str]:
    done = subprocess.run([sys.executable, "-c", LOADED], capture_output=True, text=True, check=True, cwd=ROOT)
    return done.stdout.splitlines()


def test_the_site_loads_no_training_library_and_nothing_that_few_requests_need(loaded: list[str]) -> None:
    trains = {"torch", "transformers", "scipy", "numpy", "pyarrow", "datasets"}
    # Each takes a hundredth of a second or more from every process that begins.
    seldom = {
        "alembic",
        "httpx2",
        "huggingface_hub",
        "markdown_it",
        "obstore",
        "procrastinate",
        "psutil",
        "rapidfuzz",
        "rich",
        "yaml",
    }
    assert not (trains | seldom).intersection(loaded[0].split())


def test_tables_bodies_and_addresses_are_read_when_they_are_first_needed(loaded: list[str]) -> None:
    assert loaded[1] == "[] ['Rule', 'PreferenceRule'] []"  # the two are defaults of what comes in


def test_every_model_of_what_comes_in_and_goes_out_can_be_built() -> None:
    waiting: list[type[BaseModel]] = [In, FormIn, Out]
    while waiting:
        model = waiting.pop()
        waiting += model.__subclasses__()
        model.model_rebuild()
        assert model.__pydantic_complete__, model


def test_every_error_code_stands_in_the_docs() -> None:
    documented = (ROOT / "docs" / "errors.md").read_text("utf-8")
    codes = {
        str(call.args[0].value)
        for path in SOURCES
        for call in calls(path)
        if called(call) in ERROR_CLASSES
        and call.args
        and isinstance(call.args[0], ast.Constant)
        and CODE.fullmatch(str(call.args[0].value))
    }  # fmt: skip
    assert codes
    assert sorted(code for code in codes if f"`{code}`" not in documented) == []


def test_every_setting_stands_in_the_docs() -> None:
    documented = (ROOT / "docs" / "settings.md").read_text("utf-8")
    names = [f"PENSET_{name.upper()}" for name in Settings.model_fields]
    assert [name for name in names if f"`{name}`" not in documented] == []


def test_every_command_stands_in_the_docs() -> None:
    from typer.main import get_command

    from app.cli import cli

    documented = (ROOT / "docs" / "commands.md").read_text("utf-8")
    root = get_command(cli)
    names = []
    for name, command in getattr(root, "commands", {}).items():
        inner = getattr(command, "commands", None)
        names += [f"penset {name} {sub}" for sub in inner] if inner else [f"penset {name}"]
    assert [name for name in names if f"`{name}" not in documented] == []


def test_markup_is_made_in_the_one_markdown_helper() -> None:
    """S63: nothing else turns text into HTML."""
    unsafe = re.compile(r"\|\s*safe\b|autoescape\s+false|hx-on|hx-vals=\"js:|\sstyle=|\son[a-z]+=")
    code = [
        path for path in SOURCES if path.name not in ("markdown.py", "web.py") and "Markup(" in path.read_text("utf-8")
    ]
    templates = [path for path in (ROOT / "templates").rglob("*.html") if unsafe.search(path.read_text("utf-8"))]
    guilty = code + templates
    assert guilty == []
    assert environment().autoescape is True


def test_append_only_tables_are_those_that_history_needs() -> None:
    from app.tables import APPEND_ONLY

    assert set(APPEND_ONLY) <= set(Base.metadata.tables)
