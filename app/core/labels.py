"""What do the pages call a field? The words of its label, read from the templates, where they stand once."""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache
from itertools import pairwise

from jinja2 import Environment, nodes

from app.core.errors import NamedPlace, Place

FIELDS = {"field", "text_area", "select", "chips", "checkbox"}  # the macros of templates/components/field.html
MARKUP = re.compile(r"""</?form|<label[^>]*\bfor="([\w-]+)"[^>]*>\s*([^<]+)""")
WHOLE = {"query", "rule", "preparation"}  # what is sent as one thing; its fields have labels, it has none
LINE, ADDRESS = "line", "The address"
DIGITS = 7  # a longer number counts nothing


def named_places(env: Environment, route: str, places: Iterable[Place]) -> list[NamedPlace]:
    """The places of a refusal by the labels of the form that is sent to this route; lines by their numbers."""
    return [NamedPlace(_name(env, route, one.pointer), "", one.detail) for one in places]


def label_of(env: Environment, route: str, names: Sequence[str]) -> str:
    """The label of the first of these names that has one: in the form itself, else the only one in the room."""
    room = route.split(".")[0]
    labels = _labels(env, room)
    for scope in (route, room):
        for name in names:
            if len(found := labels.get((scope, name), ())) == 1:
                return next(iter(found))
    return names[0].replace("_", " ").replace("-", " ").capitalize()


def _name(env: Environment, route: str, pointer: str) -> str:
    steps = pointer.strip("/").split("/")
    if steps[0] == LINE:
        return ", ".join([" ".join(steps[:2]).capitalize(), *steps[2:]])
    if steps[0] in WHOLE:
        steps = steps[1:]
    words = [one for one in steps if not one.isdigit()]
    if not any(words):
        return ADDRESS if pointer else ""
    name = label_of(env, route, ["_".join(words), words[-1], words[-1].removesuffix("s")])
    return f"{name} {int(steps[-1]) + 1}" if steps[-1].isdecimal() and len(steps[-1]) < DIGITS else name


@cache
def _labels(env: Environment, room: str) -> Mapping[tuple[str, str], set[str]]:
    """The labels of each field in the templates of a room: by the route that its form names, and by the room."""
    found: defaultdict[tuple[str, str], set[str]] = defaultdict(set)
    for template in env.list_templates(filter_func=lambda path: path.startswith(f"{room}/")):
        assert env.loader
        for routes, name, label in _fields(env.parse(env.loader.get_source(env, template)[0])):
            for scope in (*routes, room):
                found[scope, name].add(label)
    return dict(found)


def _fields(tree: nodes.Template) -> Iterator[tuple[frozenset[str], str, str]]:
    """Each field with its label, and the routes that its form names. What is computed is left out."""
    marks = list(_in_order(tree))
    edges = [0, *(at for at, one in enumerate(marks) if isinstance(one, str)), len(marks)]
    for begin, end in pairwise(edges):
        part = [one for one in marks[begin:end] if isinstance(one, tuple)]
        routes = frozenset(route for kind, route, _ in part if kind == "url_for")
        yield from ((routes, name, label) for kind, name, label in part if kind != "url_for")


def _in_order(node: nodes.Node) -> Iterator[str | tuple[str, str, str]]:
    """Where forms begin and end, and the calls between, as the template has them."""
    if isinstance(node, nodes.TemplateData):
        for found in MARKUP.finditer(node.data):
            yield ("label", found[1], found[2].strip()) if found[1] else "form"
    if isinstance(node, nodes.Call) and isinstance(node.node, nodes.Name):
        said = [one.value for one in node.args if isinstance(one, nodes.Const) and isinstance(one.value, str)]
        if node.node.name == "url_for" and said:
            yield ("url_for", said[0], "")
        elif node.node.name in FIELDS and len(said) > 1 and said == [one.value for one in node.args[:2]]:  # type: ignore[attr-defined]
            yield (node.node.name, said[0], said[1])
    for child in node.iter_child_nodes():
        yield from _in_order(child)
