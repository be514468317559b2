"""What waits stands in the rail of a project, for whom it waits; a page asks for all of it at once."""

import re

from sqlalchemy import event
from sqlalchemy.orm import Session

from app.preferences.models import ComparisonSet, SetState
from tests import factories
from tests.cast import Cast, Client
from tests.insights.test_overview import lived, overview, person

COUNTS = re.compile(r'class="rail-count" title="([^"]*)">(\d+)')


def rail(client: Client, cast: Cast) -> dict[str, int]:
    """The counts of the rail, by what they count."""
    return {what: int(count) for what, count in COUNTS.findall(overview(client, cast.project))}


def test_each_sees_what_waits_for_them(cast: Cast, session: Session) -> None:
    lived(cast, session)
    factories.prompt(session, cast.project, person(cast.reviewer), "One's own")
    factories.prompt(session, cast.project, person(cast.author), "Another's")
    session.commit()
    assert rail(cast.author, cast) == {"drafts of yours": 1}
    assert rail(cast.second_author, cast) == {}
    waits = {"prompts proposed, to decide": 1, "submissions wait for you": 1}
    assert rail(cast.reviewer, cast) == waits
    assert rail(cast.second_reviewer, cast) == waits | {"prompts proposed, to decide": 2}


def test_what_is_to_be_compared_has_a_way_there_while_it_is_open(cast: Cast, session: Session) -> None:
    way = f"/projects/{cast.project.id}/compare"
    assert way not in overview(cast.author, cast.project)
    made = ComparisonSet(
        project_id=cast.project.id, name="Pairs", rule="pairs", measures_only=False, opinions=1, asks_strength=False,
        check_every=0, created_by=person(cast.admin).id,
    )  # fmt: skip
    factories.stored(session, made)
    session.commit()
    assert way in overview(cast.author, cast.project)
    made.state = SetState.CLOSED
    session.commit()
    assert way not in overview(cast.author, cast.project)


def test_an_overview_asks_who_reads_it_how_far_it_is_and_what_waits(cast: Cast, session: Session) -> None:
    lived(cast, session)
    for client, path, many in (
        (cast.author, "", 3),
        (cast.admin, "", 5),  # and whether anything is stuck, and whether more wait than the first
        (cast.reviewer, "/api/v1", 2),
    ):
        path += f"/projects/{cast.project.id}" + ("/overview" if path else "")
        client.get(path)
        asked: list[str] = []

        def note(*args: object, told: list[str] = asked) -> None:
            told.append(str(args[2]))

        event.listen(session.get_bind(), "before_cursor_execute", note)
        assert client.get(path).status_code == 200
        event.remove(session.get_bind(), "before_cursor_execute", note)
        assert len([one for one in asked if "SAVEPOINT" not in one]) == many, asked
