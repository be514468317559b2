"""Our modules as one script: a page asks for one file, instead of for thirty that name one another."""

import re
from collections.abc import Mapping
from pathlib import PurePosixPath

FOLDER = "js"
MAIN = "main.js"  # on every page; what other pages need besides is joined on its own, and takes from it what both need
BESIDES = ("review.js", "playground.js", "undo.js", "rubric.js")  # each that a template names
IMPORTED = re.compile(r'^import (?:(?:\{ (\w+(?:, \w+)*) \}|\* as (\w+)) from )?"\./([\w-]+\.js)";$', re.MULTILINE)
EXPORTED = re.compile(r"^export ((?:async )?(?:function\*?|class|const) (\w+))", re.MULTILINE)
ANY = re.compile(r"^(?:import|export)\b.*", re.MULTILINE)


def joined_scripts(files: Mapping[str, bytes]) -> dict[str, bytes]:
    """What is served in place of `js/main.js` and of what some pages load besides, by path.

    A module becomes a function that is called once, in the order in which a browser would have run the modules; what it
    exports lies in `modules` under its file's name. A page may load several of BESIDES: what both hold runs once.
    Raises ValueError for a way to import or export that nobody uses.
    """
    sources = {
        path.name: body.decode() for name, body in files.items() if (path := PurePosixPath(name)).parent.name == FOLDER
    }
    main = needed_by(MAIN, sources)
    scripts = {MAIN: ["export const modules = {};\n", *(as_function(name, sources[name]) for name in main)]}
    for entry in BESIDES:
        own = [name for name in needed_by(entry, sources) if name not in main]
        scripts[entry] = [
            f'import {{ modules }} from "./{MAIN}";\n',
            *(as_function(name, sources[name]) for name in own),
        ]
    return {f"{FOLDER}/{name}": "".join(parts).encode() for name, parts in scripts.items()}


def needed_by(entry: str, sources: Mapping[str, str]) -> list[str]:
    """A module and all that it imports, each after what it imports itself."""
    found: dict[str, None] = {}

    def walk(name: str) -> None:
        for imported in IMPORTED.finditer(sources[name]):
            if imported[3] not in found:
                walk(imported[3])
        found[name] = None

    walk(entry)
    return list(found)


def as_function(name: str, source: str) -> str:
    """A module as a call whose result is what it exports."""
    exported = [found[2] for found in EXPORTED.finditer(source)]
    body = EXPORTED.sub(r"\1", IMPORTED.sub(_taken, source))
    if left := ANY.search(body):
        raise ValueError(f"static/js/{name}: {left[0]} is neither an import nor an export as the others write it.")
    return f'modules["{name}"] ??= (() => {{\n{body}\nreturn {{ {", ".join(exported)} }};\n}})();\n'


def _taken(found: re.Match[str]) -> str:
    names = f"{{ {found[1]} }}" if found[1] else found[2]
    return f'const {names} = modules["{found[3]}"];' if names else ""
