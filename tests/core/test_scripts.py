"""Our modules arrive as one script, each once and after what it imports."""

import re

import pytest

from app.core.scripts import BESIDES, MAIN, as_function, joined_scripts, needed_by
from app.core.static_content import contents


def test_every_module_is_in_one_script_and_only_there() -> None:
    served = "".join(contents()[f"js/{name}"].body.decode() for name in (MAIN, *BESIDES))
    files = {path.removeprefix("js/") for path in contents() if path.startswith("js/") and path.endswith(".js")}
    assert sorted(re.findall(r'^modules\["(.+)"\] = ', served, re.MULTILINE)) == sorted(files)


def test_a_module_comes_after_what_it_imports_and_takes_it_by_name() -> None:
    files = {
        "js/main.js": b'import "./b.js";\nimport * as a from "./a.js";\n',
        "js/a.js": b"export const one = 1;\nexport async function* two() {}\n",
        "js/b.js": b'import { one, two } from "./a.js";\nexport class Three {}\n',
        "js/review.js": b'import { one } from "./a.js";\nimport { four } from "./c.js";\n',
        "js/c.js": b"export function four() {}\n",
        "js/playground.js": b"",
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


@pytest.mark.parametrize("line", ['import x from "./a.js";', "export default 1;", "export { a };", 'import "a";'])
def test_a_way_to_import_or_export_that_is_not_ours_is_refused_by_its_line(line: str) -> None:
    with pytest.raises(ValueError, match=re.escape(f"static/js/odd.js: {line}")):
        as_function("odd.js", f"{line}\nfirst();\n")
