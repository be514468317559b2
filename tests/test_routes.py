"""Every door of the house and everybody who may knock at it: who gets in, who hears what, and what stays untouched."""

import re
from collections.abc import Mapping
from contextlib import nullcontext
from functools import cache
from pathlib import Path
from typing import Any

from fastapi import FastAPI
from sqlalchemy import Connection, event, text
from sqlalchemy.orm import Session

from app.accounts.models import SCOPES
from app.accounts.tokens import create_token
from app.core.database import Base
from app.core.labels import label_of
from app.core.web import environment
from tests.cast import Cast, Client
from tests.knocking import Door, every_door, knock
from tests.world import Ids, Undone, World

TABLE = Path(__file__).with_name("data") / "routes.txt"
PEOPLE = ("visitor", "author", "second_author", "reviewer", "admin", "outsider", "operator")
NEVER = 999_999_999
FORBIDDEN = {
    "role": "admin", "status": "approved", "author_id": 1, "project_id": 1, "approved_by": 1, "created_by": 1,
    "created_at": "2020-01-01T00:00:00Z", "is_admin": True, "revision": 1, "id": 1, "pseudonym": "a-0000",
    "password_hash": "x", "reviewer_id": 1, "on_behalf_of": 1,
}  # fmt: skip


@cache
def table() -> dict[str, dict[str, str]]:
    """The table of the tests' data: by method and route, who gets which answer."""
    lines = [line.split() for line in TABLE.read_text().splitlines() if not line.startswith("#")]
    head, rows = lines[0][1:], lines[1:]
    return {f"{row[0]} {row[1]}": dict(zip(head, row[2:], strict=True)) for row in rows}


def test_every_route_stands_in_the_table(app: FastAPI) -> None:  # S42
    assert sorted(door.name for door in every_door(app)) == sorted(table())


def test_everybody_gets_the_answer_of_the_table_and_reading_changes_nothing(
    cast: Cast, app: FastAPI, world: World, undone: Undone, connection: Connection
) -> None:  # S33 S42
    expected, wrong, before = table(), [], checksums(connection)
    for door in every_door(app):
        for person in PEOPLE:
            browser = getattr(cast, person)
            with nullcontext() if door.method == "GET" else undone(browser):
                status = knock(browser, door, world.p).status_code
            if str(status) != expected[door.name][person]:
                wrong.append(f"{door.name}: {person} got {status}, not {expected[door.name][person]}")
    assert wrong == []
    assert checksums(connection) == before


def test_a_token_opens_what_its_scope_names_and_nothing_else(
    cast: Cast, app: FastAPI, world: World, undone: Undone, session: Session
) -> None:  # S42 S59
    def token(name: str, *scopes: str) -> str:
        return create_token(session, cast.admin.actor, name=name, scopes=list(scopes), days=9)[1]

    alone = {scope: token(f"Only {scope}", scope) for scope in sorted(SCOPES)}
    beside = {scope: token(f"All but {scope}", *(SCOPES.keys() - {scope})) for scope in alone}
    all_of_them = token("All", *SCOPES)
    session.commit()
    session.close()
    wrong = []
    for door in every_door(app):
        row = table()[door.name]
        opens = row["opens"]
        heard = [(beside.get(opens, all_of_them), with_other_scopes(row))]
        if opens in alone:
            heard.append((alone[opens], int(row["admin"])))
        if opens == "any":
            heard += [(secret, 200) for secret in alone.values()]
        for secret, expected in heard:
            with undone():
                bearer = {"Authorization": f"Bearer {secret}"}
                answer = knock(Client(app), door, world.p, headers=bearer | door.body(cast.admin).get("headers", {}))
            if answer.status_code != expected:
                wrong.append(f"{door.name} got {answer.status_code}, not {expected}")
    assert wrong == []


def with_other_scopes(row: Mapping[str, str]) -> int:
    """What an administrator's token hears that has every scope but the one that opens this door."""
    if row["opens"] == "any":
        return 200
    return int(row["visitor"]) if row["opens"] == "nobody" else 403


def test_to_ask_for_heads_and_options_changes_nothing(
    cast: Cast, app: FastAPI, world: World, connection: Connection
) -> None:  # S33
    before = checksums(connection)
    for door in every_door(app):
        if door.method == "GET" and table()[door.name]["admin"] == "200":
            cast.admin.head(door.address(world.p))
        cast.admin.options(door.address(world.p))
    assert checksums(connection) == before


def test_a_column_that_a_table_gets_appears_in_no_answer(
    cast: Cast, app: FastAPI, world: World, connection: Connection
) -> None:  # S55
    role = connection.scalar(text("SELECT current_user"))
    connection.exec_driver_sql("SET ROLE NONE")
    for name in Base.metadata.tables:
        connection.exec_driver_sql(f"ALTER TABLE {name} ADD COLUMN new_column text DEFAULT 'xylophone'")
    connection.exec_driver_sql(f"SET ROLE {role}")
    told = []
    for door in every_door(app):
        people = [one for one in PEOPLE if table()[door.name][one] == "200"]
        if door.method == "GET" and people:
            answer = knock(getattr(cast, people[-1]), door, world.p)
            assert answer.status_code == 200, door.name
            told += [door.name] * ("new_column" in answer.text or "xylophone" in answer.text)
    assert told == []


def checksums(connection: Connection) -> dict[str, str]:
    """What each table holds, but for the audit log, the time of the last visit, and when a notice was seen."""
    names = [*Base.metadata.tables, "procrastinate_jobs", "procrastinate_events"]
    found = {}
    for name in names:
        rows = f"SELECT (to_jsonb(t) - 'used_at' - 'read_at')::text AS row FROM {name} t"
        digest = text(f"SELECT coalesce(md5(string_agg(row, '' ORDER BY row)), '') FROM ({rows}) AS rows")
        found[name] = str(connection.scalar(digest))
    del found["audit_log"]
    return found


def test_an_id_of_another_project_is_an_id_that_never_was(
    cast: Cast, app: FastAPI, world: World, undone: Undone, connection: Connection
) -> None:  # S43
    wrong: list[str] = []
    asked: list[str] = []
    event.listen(connection, "before_cursor_execute", lambda *args: asked.append(args[2]))
    for door in every_door(app):
        for name in door.ids:
            if world.p[name] == world.q[name]:
                continue  # the number of a version of the guidelines
            with undone(cast.admin):
                foreign = *told(cast.admin, door, {**world.p, name: world.q[name]}), len(asked)
            asked.clear()
            with undone(cast.admin):
                never = *told(cast.admin, door, {**world.p, name: NEVER}), len(asked)
            asked.clear()
            for_operators = table()[door.name]["admin"] == "403" and table()[door.name]["operator"] != "404"
            if foreign != never or foreign[0] != (403 if for_operators else 404):
                status = f"{foreign[0]} and {never[0]}, by {foreign[2]} statements and {never[2]}"
                wrong.append(f"{door.name} with another {name}: {status}")
    assert wrong == []


def told(client: Client, door: Door, ids: Ids) -> tuple[int, str]:
    """Status and words of an answer, without the id of its request."""
    answer = knock(client, door, ids)
    return answer.status_code, answer.text.replace(answer.headers["x-request-id"], "")


def test_no_door_takes_a_field_that_is_not_its_own(
    cast: Cast, app: FastAPI, world: World, connection: Connection
) -> None:  # S49 S60
    before, wrong = checksums(connection), []
    for door in every_door(app):
        if door.takes_json or door.takes_form:
            kind = "json" if door.takes_json else "data"
            own = door.body(cast.admin).get(kind, {})
            left = {name: value for name, value in FORBIDDEN.items() if name not in own_fields(door)}
            while left:  # most doors name all at once, some one after the other
                answer = knock(cast.admin, door, world.p, **{kind: {**own, **left}})
                named = [name for name in left if names(answer.text, door, name)]
                if answer.status_code != 422 or not named:
                    wrong.append(f"{door.name}: {answer.status_code} with {list(left)}")
                    break
                left = {name: value for name, value in left.items() if name not in named}
    assert wrong == []
    assert checksums(connection) == before


def names(answer: str, door: Door, field: str) -> bool:
    """Whether this field is named as one that the door does not have: by its label on a page."""
    label = re.escape(label_of(environment(), str(door.route.name), [field]))
    return re.search(rf"/{field}\b|<bdi>{label}</bdi>|\b{field} is not a field", answer) is not None


def own_fields(door: Door) -> set[str]:
    """The fields that a door names."""
    model: Any = door.route.body_field.field_info.annotation
    inner = getattr(model, "__args__", (model,))
    return {name for one in inner for name in getattr(one, "model_fields", {})}
