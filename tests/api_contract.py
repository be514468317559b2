"""What of the OpenAPI document programs rely on, and which changes of it break them.

Renew the kept document on purpose: `.venv/bin/python -m tests.api_contract`.
"""

import json
import tempfile
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from app.core.settings import Settings
from app.main import create_app

KEPT = Path(__file__).with_name("data") / "openapi.json"
RENEW = "renew it on purpose: .venv/bin/python -m tests.api_contract"
WORDS = ("description", "summary", "title", "tags")  # for people; no program relies on them
TIGHTER = {"maximum": min, "maxLength": min, "maxItems": min, "minimum": max, "minLength": max, "minItems": max}


@cache
def served() -> Mapping[str, Any]:
    """The document as the code has it now, made once. Whoever changes it takes a copy."""
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings(data=Path(folder), public_url="http://testserver", allow_plain_http=True)
        return create_app(settings, "postgresql://nowhere/penset").openapi()


def contract(document: Mapping[str, Any]) -> Any:
    """The document without what is said to people alone."""
    return json.loads(json.dumps({"paths": document["paths"], "components": document["components"]}), object_hook=bare)


def bare(part: dict[str, Any]) -> dict[str, Any]:
    """One object of the document without words; a field that is called like one of them stays."""
    return {name: value for name, value in part.items() if name not in WORDS or not isinstance(value, str | list)}


def as_text(document: Mapping[str, Any]) -> str:
    """The contract as the repository keeps it."""
    return json.dumps(contract(document), indent=1, sort_keys=True, ensure_ascii=False) + "\n"


def breaks(old: Any, new: Any) -> list[str]:
    """What programs written against the old contract would stumble over in the new one."""
    found: list[str] = []
    for path, methods in old["paths"].items():
        for method, operation in methods.items():
            where = f"{method.upper()} {path}"
            newer = new["paths"].get(path, {}).get(method)
            if newer is None:
                found.append(f"{where} is gone")
            else:
                found += operation_breaks(where, operation, newer, old, new)
    return found


def operation_breaks(where: str, was: Any, now: Any, old: Any, new: Any) -> Iterator[str]:
    """What is asked and answered otherwise at one operation."""
    yield from parameter_breaks(where, was, now, old, new)
    yield from body_breaks(where, was, now, old, new)
    for status in was["responses"].keys() - now["responses"].keys():
        if status.startswith("2"):
            yield f"{where}: {status} is answered no more"
    for status, answer in was["responses"].items():
        newer = dict(bodies(now["responses"].get(status, {})))
        for kind, one in bodies(answer) if status.startswith("2") else ():
            yield from poorer(f"{where} {status}", one, newer.get(kind, {}), old, new)


def parameter_breaks(where: str, was: Any, now: Any, old: Any, new: Any) -> Iterator[str]:
    """What is asked otherwise in the address and the headers."""
    before = {(one["in"], one["name"]): one for one in was.get("parameters", [])}
    after = {(one["in"], one["name"]): one for one in now.get("parameters", [])}
    for place in before.keys() - after.keys():
        yield f"{where}: the parameter {place[1]} is gone"
    for place, one in after.items():
        if one.get("required") and not before.get(place, {}).get("required"):
            yield f"{where}: the parameter {place[1]} is wanted now"
        if place in before:
            yield from narrower(f"{where} {place[1]}", before[place]["schema"], one["schema"], old, new)


def body_breaks(where: str, was: Any, now: Any, old: Any, new: Any) -> Iterator[str]:
    """What is asked otherwise in the body."""
    if now.get("requestBody", {}).get("required") and not was.get("requestBody", {}).get("required"):
        yield f"{where}: a body is wanted now"
    for kind, one in bodies(was.get("requestBody", {})):
        wanted = dict(bodies(now.get("requestBody", {}))).get(kind)
        if wanted is None:
            yield f"{where}: {kind} is taken no more"
        else:
            yield from narrower(f"{where} body", one, wanted, old, new)


def bodies(part: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """The schema of each content type."""
    for kind, content in part.get("content", {}).items():
        yield kind, content.get("schema", {})


def narrower(where: str, was: Any, now: Any, old: Any, new: Any, depth: int = 0) -> Iterator[str]:
    """What could be sent and no longer can."""
    was, now = followed(was, old), followed(now, new)
    for field in was.get("properties", {}).keys() - now.get("properties", {}).keys():
        yield f"{where}: the field {field} is taken no more"
    for field in set(now.get("required", [])) - set(was.get("required", [])):
        yield f"{where}: the field {field} is wanted now"
    if gone := set(map(str, was.get("enum", []))) - set(map(str, now.get("enum", was.get("enum", [])))):
        yield f"{where}: {', '.join(sorted(gone))} may be said no more"
    if was.get("type") != now.get("type") and "anyOf" not in now:
        yield f"{where}: is a {now.get('type')} now, no {was.get('type')}"
    for bound, tighter in TIGHTER.items():
        if bound in now and (bound not in was or tighter(now[bound], was[bound]) != was[bound]):
            yield f"{where}: {bound} is {now[bound]} now"
    for field, one in was.get("properties", {}).items() if depth < 6 else ():
        if field in now.get("properties", {}):
            yield from narrower(f"{where}/{field}", one, now["properties"][field], old, new, depth + 1)


def poorer(where: str, was: Any, now: Any, old: Any, new: Any, depth: int = 0) -> Iterator[str]:
    """What an answer held and holds no longer."""
    was, now = followed(was, old), followed(now, new)
    for field in was.get("properties", {}).keys() - now.get("properties", {}).keys():
        yield f"{where}: the field {field} is answered no more"
    for field in set(was.get("required", [])) - set(now.get("required", [])):
        yield f"{where}: the field {field} may be missing now"
    if was.get("type") != now.get("type"):
        yield f"{where}: is a {now.get('type')} now, no {was.get('type')}"
    for field, one in was.get("properties", {}).items() if depth < 6 else ():
        if field in now.get("properties", {}):
            yield from poorer(f"{where}/{field}", one, now["properties"][field], old, new, depth + 1)
    if "items" in was and depth < 6:
        yield from poorer(f"{where}/items", was["items"], now.get("items", {}), old, new, depth + 1)


def followed(schema: Any, document: Any) -> Any:
    """The schema that a reference leads to."""
    while "$ref" in schema:
        schema = document["components"]["schemas"][schema["$ref"].rsplit("/", 1)[1]]
    return schema


def main() -> None:
    """Keep the document as it is now."""
    text = as_text(served())
    for one in breaks(json.loads(KEPT.read_text("utf-8")), json.loads(text)) if KEPT.exists() else ():
        print("breaks programs:", one)
    KEPT.write_text(text, "utf-8")


if __name__ == "__main__":
    main()
