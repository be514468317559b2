"""A writer's next prompt is found at the same cost however many they have answered that still want another response."""

from typing import Any

import pytest
from sqlalchemy import select, text, update
from sqlalchemy.orm import Session, sessionmaker

from app.accounts.models import Role
from app.accounts.sign_ins import actor_for
from app.core.hot import Ready
from app.core.passing import MOST, NEAR
from app.projects.models import Project
from app.prompts.models import Prompt, Slot
from app.writing.assignments import take_next
from app.writing.entering import FIRST, IS_NEWCOMER
from tests import factories
from tests.cast import Cast
from tests.conftest import raw
from tests.review.deciding.test_order import read_plans, rows_read
from tests.writing import work

PAST, AFTER, READ_AT_MOST = 10 * NEAR, 4 * NEAR, 8 * NEAR
FILL = """
    INSERT INTO prompts (project_id, author_id, status, language, messages, licence, source, reason, from_pair,
        category_id)
    SELECT %(p)s, %(o)s, 'approved', 'en', '[{"role": "user", "content": "Q"}]', '', '', '', false,
        (SELECT min(id) FROM categories WHERE project_id = %(p)s) + g %% 2 FROM generate_series(1, %(n)s + %(after)s) g;
    INSERT INTO slots (project_id, prompt_id, category_id, number, never_for, filled_at)
    SELECT %(p)s, id, category_id, number, ARRAY[%(o)s::bigint], CASE WHEN id <= %(n)s AND number = 1 THEN now() END
    FROM prompts, generate_series(1, 2) number ORDER BY id, number;
    INSERT INTO assignments (project_id, writer_id, prompt_id, is_pair, status, skip_reason)
    SELECT %(p)s, %(w)s, id, false, 'handed_in', '' FROM prompts WHERE id <= %(n)s;
    UPDATE slots SET never_for = ARRAY[%(o)s::bigint, %(w)s::bigint] WHERE prompt_id <= %(n)s;
    ANALYZE
"""


@pytest.mark.parametrize("follows_need", [False, True])
def test_what_a_writer_has_answered_is_not_walked(
    own_database: str, own_sessions: sessionmaker[Session], follows_need: bool
) -> None:
    with own_sessions.begin() as session:
        owner, writer = factories.user(session, "Ada Admin"), factories.user(session, "Wim Writer")
        project = factories.project(session, owner, responses_per_prompt=2, follows_need=follows_need)
        factories.member(session, project, writer, Role.ANNOTATOR)
    with raw(own_database) as connection:
        for step in FILL.split(";"):
            connection.execute(step, {"p": project.id, "o": owner.id, "w": writer.id, "n": PAST, "after": AFTER})
    with own_sessions() as session:
        with read_plans(session) as plans:
            taken = take_next(session, actor_for(session, session.merge(writer)), project.id)
        wanted = select(Prompt.id).where(Prompt.id > PAST).order_by(Prompt.category_id if follows_need else Prompt.id)
        assert taken
        assert taken.prompt_id == session.scalars(wanted.order_by(Prompt.id).limit(1)).one()
        assert {statement: rows for statement, rows in plans if rows > READ_AT_MOST} == {}


def past_of(session: Session, prompt: Prompt) -> list[list[int]]:
    """Whom each place of the prompt need not be offered to."""
    session.expire_all()
    return list(session.scalars(select(Slot.never_for).where(Slot.prompt_id == prompt.id).order_by(Slot.number)))


def test_who_answers_or_skips_a_prompt_is_past_all_its_places(cast: Cast, session: Session) -> None:
    answered, skipped = (work.ask(session, cast, asked, slots=3) for asked in ("One", "Two"))
    work.written(cast.author, cast, "An answer")
    left = work.take(cast.author, cast)
    assert cast.author.api("POST", f"/api/v1/assignments/{left}/skip", reason="Too hard").status_code < 300
    me = work.me(cast.author)
    assert past_of(session, answered) == past_of(session, skipped) == [[me]] * 3
    work.written(cast.second_author, cast, "Another answer")
    assert past_of(session, answered) == [[me], *([[me, work.me(cast.second_author)]] * 2)]


def test_a_place_that_opens_again_knows_who_has_answered_meanwhile(cast: Cast, session: Session) -> None:
    asked = work.ask(session, cast, slots=2)
    first = work.written(cast.author, cast, "An answer")
    work.written(cast.second_author, cast, "Another answer")
    assert cast.author.api("POST", f"/api/v1/submissions/{first['id']}/withdraw").status_code == 200
    both = sorted([work.me(cast.author), work.me(cast.second_author)])
    assert past_of(session, asked) == [both, both]


def test_beside_a_place_stand_only_so_many_people_and_nobody_is_given_it_twice_for_that(
    cast: Cast, session: Session
) -> None:
    asked = work.ask(session, cast, slots=2)
    crowd = list(range(10**9, 10**9 + MOST))  # with a few hundred, a row would be too large for its index
    session.execute(update(Slot).values(never_for=crowd))
    session.commit()
    work.written(cast.author, cast, "An answer")
    assert past_of(session, asked) == [crowd, crowd]
    again = cast.author.api("POST", f"/api/v1/projects/{cast.project.id}/assignments")
    assert again.json()["type"] == "/errors/writing.nothing_open"


def test_a_proposer_is_past_their_own_prompt(cast: Cast, session: Session) -> None:
    assert cast.author.user
    proposed = factories.prompt(session, cast.project, cast.author.user, "Why?")
    session.execute(update(Project).where(Project.id == cast.project.id).values(responses_per_prompt=2))
    session.commit()
    assert cast.reviewer.api("POST", f"/api/v1/prompts/{proposed.id}/approve").status_code == 200
    assert past_of(session, proposed) == [[work.me(cast.author)]] * 2


def test_a_hand_in_can_have_one_plan_for_all_values() -> None:
    assert "LIMIT $" not in Ready.of(FIRST).sql  # with a limit that comes later PostgreSQL plans each anew


MANY_OF_ONE = """
    INSERT INTO assignments (project_id, writer_id, is_pair, status, skip_reason)
    SELECT %(project)s, %(writer)s, true, 'handed_in', '' FROM generate_series(1, 5000);
    INSERT INTO submissions (project_id, prompt_id, assignment_id, author_id, status, current_revision, from_newcomer)
    SELECT project_id, %(prompt)s, id, writer_id, 'approved', 1, false FROM assignments;
    ANALYZE
"""


def test_whether_somebody_is_new_is_found_without_walking_what_others_wrote(
    own_database: str, own_sessions: sessionmaker[Session]
) -> None:
    with own_sessions.begin() as session:
        writer, newcomer = factories.user(session, "Wim Writer"), factories.user(session, "Nora New")
        prompt = factories.prompt(session, factories.project(session, writer), writer, "Why?")
    with raw(own_database) as connection:
        for step in MANY_OF_ONE.split(";"):
            connection.execute(step, {"project": prompt.project_id, "writer": writer.id, "prompt": prompt.id})
        connection.execute("SET plan_cache_mode = force_generic_plan")
        connection.execute(f"PREPARE asked (bigint, bigint) AS {Ready.of(text(IS_NEWCOMER)).sql}")
        explained = f"EXPLAIN (ANALYZE, FORMAT JSON) EXECUTE asked ({newcomer.id}, {prompt.project_id})"
        plan: Any = connection.execute(explained).fetchone()
    assert rows_read(plan[0][0]["Plan"]) == 0
