"""A list for programs says of each prompt what the prompt itself says, and reads nothing but its page."""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from psycopg import RawCursor
from sqlalchemy import event, text
from sqlalchemy.orm import Session

from app.core.hot import Ready
from app.projects.queries import list_categories
from app.prompts.listing import _lines
from app.prompts.models import PromptStatus
from app.prompts.schemas import PromptList
from tests import factories
from tests.cast import Cast, Client

HOSTILE = 'Straße "東京"\\\r\n\u2028\u200f</script>\t\x01 %(person)s 🏳️‍🌈'


def varied(session: Session, cast: Cast) -> None:
    """Prompts of the author's with everything that a prompt may have, and one that has next to nothing."""
    assert cast.author.user
    category = list_categories(session, cast.project.id)[0]
    factories.prompt(
        session, cast.project, cast.author.user, HOSTILE,
        category_id=category.id, tags=["a,b", '"c"'], source=HOSTILE, licence="CC0", external_id="x'1",
        imported_response=factories.answered(HOSTILE), decided_at=datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC),
        status=PromptStatus.REJECTED, reason=HOSTILE,
    )  # fmt: skip
    factories.prompt(
        session, cast.project, cast.author.user, decided_at=datetime(2026, 1, 2, 3, 4, 5, 120_000, tzinfo=UTC)
    )
    session.commit()


def listed(client: Client, cast: Cast, query: str = "") -> list[dict[str, Any]]:
    """The prompts of the list, which are as the document of the API has them."""
    answer = client.get(f"/api/v1/projects/{cast.project.id}/prompts{query}")
    assert answer.headers["content-type"] == "application/json"
    PromptList.model_validate_json(answer.content, strict=True, extra="forbid")
    found: list[dict[str, Any]] = answer.json()["prompts"]
    return found


def test_a_line_says_what_the_prompt_itself_says_to_whoever_reads_it(cast: Cast, session: Session) -> None:
    varied(session, cast)
    for client in (cast.author, cast.second_author, cast.reviewer, cast.admin):
        lines = listed(client, cast)
        assert len(lines) == 2
        for line in lines:
            alone = client.get(f"/api/v1/prompts/{line['id']}").json()
            assert (line, list(line)) == (alone, list(alone))


def test_what_was_imported_beside_a_prompt_is_a_reviewers_to_read(cast: Cast, session: Session) -> None:
    varied(session, cast)
    found = [listed(client, cast, "?status=rejected")[0] for client in (cast.author, cast.reviewer)]
    assert [one["imported_response"] for one in found] == [None, factories.answered(HOSTILE)]


def test_another_writers_pair_is_in_no_writers_list(cast: Cast, session: Session) -> None:
    assert cast.author.user
    pair = factories.prompt(session, cast.project, cast.author.user, "Mine", from_pair=True)
    session.commit()
    readers = (cast.author, cast.second_author, cast.reviewer)
    seen = [pair.id in {one["id"] for one in listed(client, cast)} for client in readers]
    assert seen == [True, False, True]


def test_pages_of_any_size_follow_each_other(cast: Cast, session: Session) -> None:
    assert cast.author.user
    made = [factories.prompt(session, cast.project, cast.author.user, f"Question {n}.").id for n in range(22)]
    session.commit()
    for query in ("", "?limit=7"):
        path, found = f"/api/v1/projects/{cast.project.id}/prompts{query}", []
        answer = cast.author.get(path).json()
        while answer["next_cursor"]:
            found += [one["id"] for one in answer["prompts"]]
            answer = cast.author.get(f"{path}{'&' if query else '?'}cursor={answer['next_cursor']}").json()
        found += [one["id"] for one in answer["prompts"]]
        assert found[:22] == made[::-1]


def test_a_list_asks_who_reads_it_and_for_its_page_and_nothing_else(cast: Cast, session: Session) -> None:
    varied(session, cast)
    path = f"/api/v1/projects/{cast.project.id}/prompts?words=sky"
    cast.reviewer.get(path)
    asked: list[str] = []
    event.listen(session.get_bind(), "before_cursor_execute", lambda *args: asked.append(args[2]))
    assert cast.reviewer.get(path).json()["prompts"]
    assert [one.split(maxsplit=1)[0] for one in asked if "SAVEPOINT" not in one] == ["SELECT", "SELECT"]


OF_ANOTHER = """
INSERT INTO prompts (project_id, author_id, messages, language, licence, source, from_pair, status, reason)
SELECT :project, :person, '[{"role": "user", "content": "Why?"}]', 'en', '', '', false, 'proposed', ''
FROM generate_series(1, :many)
"""


def test_an_older_projects_list_passes_by_no_newer_project(cast: Cast, session: Session) -> None:
    assert cast.author.user
    newer = factories.project(session, cast.author.user, "Newer")
    for project, many in ((cast.project, 30), (newer, 100)):
        session.execute(text(OF_ANOTHER), {"project": project.id, "person": cast.author.user.id, "many": many})
    session.execute(text("SET LOCAL enable_sort = off"))  # as where there are too many to sort
    ready = Ready.of(_lines(frozenset(), reviews=True, usual=True))
    driver: Any = session.connection().connection.driver_connection
    asked = {"project": cast.project.id, "person": cast.author.user.id}
    values = [asked[name] for name in ready.names]
    told: Any = RawCursor(driver).execute(f"EXPLAIN (ANALYZE, FORMAT JSON) {ready.sql}", values).fetchone()
    told = told[0]
    read = [node for node in nodes(told[0]["Plan"]) if node.get("Relation Name") == "prompts"]
    assert read
    assert not any("Rows Removed by Filter" in node for node in read)


def nodes(plan: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """A step of a plan and all below it."""
    yield plan
    for below in plan.get("Plans", ()):
        yield from nodes(below)
