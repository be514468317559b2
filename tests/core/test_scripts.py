"""Our modules arrive as one script, each after what it imports, and run once."""

import re

import pytest

from app.core.scripts import BESIDES, MAIN, as_function, joined_scripts, needed_by
from app.core.static_content import contents
from app.core.web import ROOT

TEMPLATES = ROOT / "templates"


def held_by(name: str) -> list[str]:
    """The modules that a script of ours holds."""
    return re.findall(r'^modules\["(.+)"\] \?\?= ', contents()[f"js/{name}"].body.decode(), re.MULTILINE)


def test_every_module_is_in_a_script_and_what_all_pages_have_is_in_no_other() -> None:
    files = {path.removeprefix("js/") for path in contents() if path.startswith("js/") and path.endswith(".js")}
    beside = {module for name in BESIDES for module in held_by(name)}
    assert {*held_by(MAIN), *beside} == files
    assert beside.isdisjoint(held_by(MAIN))


def test_what_a_page_loads_is_one_of_these_scripts() -> None:
    pages = "".join(path.read_text("utf-8") for path in TEMPLATES.rglob("*.html"))
    assert set(re.findall(r"static\('js/([\w-]+\.js)'\)", pages)) == {MAIN, *BESIDES}


def test_a_module_comes_after_what_it_imports_and_takes_it_by_name() -> None:
    files = {
        "js/main.js": b'import "./b.js";\nimport * as a from "./a.js";\n',
        "js/a.js": b"export const one = 1;\nexport async function* two() {}\n",
        "js/b.js": b'import { one, two } from "./a.js";\nexport class Three {}\n',
        "js/review.js": b'import { one } from "./a.js";\nimport { four } from "./c.js";\n',
        "js/c.js": b"export function four() {}\n",
        **dict.fromkeys((f"js/{name}" for name in BESIDES if name != "review.js"), b""),
    }
    assert needed_by("main.js", {path[3:]: body.decode() for path, body in files.items()}) == [
        "a.js",
        "b.js",
        "main.js",
    ]
    joined = joined_scripts(files)
    assert 'const { one, two } = modules["a.js"];' in joined["js/main.js"].decode()
    assert "return { one, two };" in joined["js/main.js"].decode()
    assert re.findall(r'^modules\["(.+)"\]', joined["js/review.js"].decode(), re.MULTILINE) == ["c.js", "review.js"]


@pytest.mark.parametrize(
    "line",
    [
        'import x from "./a.js";',
        'import { a as b } from "./a.js";',
        "export default 1;",
        "export { a };",
        'import "a";',
    ],
)
def test_a_way_to_import_or_export_that_is_not_ours_is_refused_by_its_line(line: str) -> None:
    with pytest.raises(ValueError, match=re.escape(f"static/js/odd.js: {line}")):
        as_function("odd.js", f"{line}\nfirst();\n")
