"""Everybody finds what they may see, and nobody anything else."""

import json
import re
from html import unescape
from typing import Any

import pytest
from sqlalchemy import event, select, text
from sqlalchemy.orm import Session, sessionmaker

from app.accounts.actor import Actor
from app.accounts.models import Membership, Role, User
from app.accounts.sign_ins import actor_for
from app.insights.search import Kind, find
from app.insights.words import excerpt, read_wanted
from app.projects.models import Guidelines
from app.prompts.models import PromptStatus
from app.writing.models import Submission, SubmissionStatus
from tests import factories
from tests.cast import Cast, Client
from tests.conftest import raw
from tests.hostile import rows

PEOPLE = ("author", "second_author", "reviewer", "admin", "outsider", "operator")


def found(who: Client, q: str, kind: str = "submissions", **more: Any) -> list[int]:
    """Ids of what the API finds."""
    answer = who.get("/api/v1/search", params={"q": q, "kind": kind, **more})
    assert answer.status_code == 200, answer.text
    return [one["id"] for one in answer.json()["found"]]


def who_finds(cast: Cast, q: str, kind: str) -> set[str]:
    """Who finds anything by these words, through both doors, which must agree."""
    by_api = {name for name in PEOPLE if found(getattr(cast, name), q, kind)}
    by_page = {name for name in PEOPLE if "<mark>" in getattr(cast, name).get("/search", params={"q": q}).text}
    assert by_api == by_page
    return by_api


@pytest.fixture
def written(cast: Cast, session: Session) -> dict[str, int]:
    """The author's response, of which an older revision said another thing, and a draft of theirs."""
    assert cast.admin.user
    assert cast.author.user
    prompt = factories.prompt(
        session, cast.project, cast.admin.user, "Why do zeppelins float?", status=PromptStatus.APPROVED
    )
    made = factories.submission(session, prompt, cast.author.user, "Because of hydrogen.", "Because of helium, mostly.")
    other = factories.prompt(session, cast.project, cast.admin.user, "And kites?", status=PromptStatus.APPROVED)
    factories.assignment(session, other, cast.author.user, "They lean on the monsoon.")
    pair = factories.prompt(session, cast.project, cast.author.user, "Name an ornithopter.", from_pair=True)
    session.commit()
    return {"prompt": prompt.id, "submission": made.id, "pair": pair.id}


def test_a_response_is_found_by_its_writer_and_by_who_reviews(cast: Cast, written: dict[str, int]) -> None:  # S44
    assert found(cast.reviewer, "helium") == [written["submission"]]
    assert who_finds(cast, "helium", "submissions") == {"author", "reviewer", "admin"}


def test_a_withdrawn_or_decided_response_is_found_by_the_same_people(
    cast: Cast, written: dict[str, int], session: Session
) -> None:
    for status in SubmissionStatus:
        session.execute(text("UPDATE submissions SET status = :status"), {"status": status.value})
        session.commit()
        assert who_finds(cast, "helium", "submissions") == {"author", "reviewer", "admin"}


def test_a_draft_is_found_by_nobody(cast: Cast, written: dict[str, int]) -> None:
    for kind in Kind:
        assert who_finds(cast, "monsoon", kind) == set()


def test_what_only_an_older_revision_says_is_not_found(cast: Cast, written: dict[str, int]) -> None:
    assert who_finds(cast, "hydrogen", "submissions") == set()


def test_a_prompt_is_found_by_every_member_and_by_nobody_else(cast: Cast, written: dict[str, int]) -> None:
    assert found(cast.second_author, "zeppelins", "prompts") == [written["prompt"]]
    assert who_finds(cast, "zeppelins", "prompts") == {"author", "second_author", "reviewer", "admin"}


def test_what_another_asks_in_a_pair_is_found_by_who_reviews_alone(cast: Cast, written: dict[str, int]) -> None:
    assert who_finds(cast, "ornithopter", "prompts") == {"author", "reviewer", "admin"}


def test_guidelines_are_found_as_they_are_now(cast: Cast, session: Session) -> None:
    assert cast.admin.user
    members = {"author", "second_author", "reviewer", "admin"}
    factories.guidelines(session, cast.project, cast.admin.user, 2, text="Be terse and quixotic.")
    factories.guidelines(session, cast.project, cast.admin.user, 3, text="Be terse.")
    session.commit()
    newest = session.scalar(select(Guidelines.id).where(Guidelines.version == 3))
    assert found(cast.author, "terse", "guidelines") == [newest]
    assert who_finds(cast, "terse", "guidelines") == members
    assert who_finds(cast, "quixotic", "guidelines") == set()


def test_who_leaves_a_project_finds_nothing_of_it_any_more(
    cast: Cast, written: dict[str, int], session: Session
) -> None:
    session.execute(text("UPDATE memberships SET left_at = now() WHERE project_id = :id"), {"id": cast.project.id})
    session.commit()
    assert who_finds(cast, "helium", "submissions") == who_finds(cast, "zeppelins", "prompts") == set()


def test_a_stranger_is_asked_who_they_are(cast: Cast) -> None:
    assert cast.visitor.get("/api/v1/search", params={"q": "helium"}).status_code == 401
    assert cast.visitor.get("/search", params={"q": "helium"}).status_code == 303


def test_any_text_is_searched_for_and_shown_as_it_was_typed(
    cast: Cast, session: Session, written: dict[str, int]
) -> None:  # S62 S68 S69
    for row in rows("query", stored=True):
        api = cast.author.get("/api/v1/search", params={"q": row.text, "kind": "prompts"})
        assert (api.status_code, api.json()["next_cursor"]) == (200, None), row.id
        assert bool(api.json()["advice"]) is not bool(read_wanted(session, row.text).words), row.id
        page = cast.author.get("/search", params={"q": row.text})
        [box] = re.findall(r'<input[^>]*id="find"[^>]*>', page.text)
        assert (page.status_code, unescape(box.split('value="')[1].split('"')[0])) == (200, row.text), row.id
        listed = cast.author.get(f"/projects/{cast.project.id}/prompts", params={"words": row.text})
        assert listed.status_code == 200, row.id


def test_words_phrases_alternatives_and_what_is_left_out(cast: Cast, written: dict[str, int]) -> None:
    one = [written["submission"]]
    cases = {
        "HELIUM because": one, '"of helium"': one, '"helium of"': [], "helium or monsoon": one,
        "helium -mostly": [], "heli": [], "helium krypton": [], "helium,mostly": one,
    }  # fmt: skip
    assert {q: found(cast.author, q) for q in cases} == cases


@pytest.mark.parametrize("q", ["", "-helium", "!!! ((", '"', "-a or -b", "🙂"])
def test_what_finds_nothing_by_itself_is_told_so_kindly(cast: Cast, q: str) -> None:
    answer = cast.author.get("/api/v1/search", params={"q": q})
    assert (answer.status_code, answer.json()["found"]) == (200, [])
    assert answer.json()["advice"].startswith("Name at least one word to find.")
    page = cast.author.get("/search", params={"q": q})
    assert page.status_code == 200
    assert ("Name at least one word to find." in page.text) is bool(q)


@pytest.mark.parametrize("q", ["'; DROP TABLE users; --", "a & b | !c:*", "<->", "x" * 200, "\\'x", "and\nor", "%_%"])
def test_no_query_breaks_the_search(cast: Cast, q: str) -> None:
    assert cast.author.get("/search", params={"q": q}).status_code == 200
    assert cast.author.get("/api/v1/search", params={"q": q}).status_code in (200, 422)


@pytest.mark.parametrize(("q", "place"), [("x" * 201, "/query/q"), ("a\0b", "/query")])
def test_what_can_be_no_query_is_refused_with_its_place(cast: Cast, q: str, place: str) -> None:
    answer = cast.author.get("/api/v1/search", params={"q": q})
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, place)


def test_nothing_found_is_said_with_a_way_on(cast: Cast) -> None:
    page = cast.author.get("/search", params={"q": "gryphon", "kind": "prompts"}).text
    assert "Nothing is found" in page
    assert 'href="/search?q=gryphon"' in page


@pytest.fixture
def of_two(cast: Cast, session: Session) -> dict[str, int]:
    """A response of the author's that is approved, and one of the second author's that waits; both speak of lava."""
    made = {}
    for who, name in ((cast.author, "approved"), (cast.second_author, "submitted")):
        assert cast.admin.user
        assert who.user
        prompt = factories.prompt(
            session, cast.project, cast.admin.user, f"What is {name}?", status=PromptStatus.APPROVED
        )
        one = factories.submission(session, prompt, who.user, f"Lava, {name}.", status=SubmissionStatus(name))
        made[name] = one.id
    session.commit()
    return made


def pseudonym(session: Session, cast: Cast, who: Client) -> str:
    assert who.user
    mine = select(Membership.pseudonym).where(
        Membership.user_id == who.user.id, Membership.project_id == cast.project.id
    )
    return session.scalars(mine).one()


def test_responses_are_found_by_writer_and_by_state_with_words_and_without(
    cast: Cast, of_two: dict[str, int], session: Session
) -> None:
    approved, waiting = of_two["approved"], of_two["submitted"]
    name = pseudonym(session, cast, cast.author)
    cases: list[tuple[dict[str, Any], list[int]]] = [
        ({"q": "lava"}, [waiting, approved]),
        ({"q": "lava", "writer": name}, [approved]),
        ({"q": "obsidian", "writer": name}, []),
        ({"writer": name}, [approved]),
        ({"writer": "a-nobody"}, []),
        ({"state": "submitted"}, [waiting]),
        ({"writer": name, "state": "submitted"}, []),
        ({"project": cast.project.id}, [waiting, approved]),
    ]
    for given, ids in cases:
        assert found(cast.reviewer, given.get("q", ""), **{k: v for k, v in given.items() if k != "q"}) == ids, given
        page = cast.reviewer.get("/search", params={"kind": "submissions", **given}).text
        assert [int(one) for one in re.findall(r'href="/submissions/(\d+)"', page)] == ids, given
        assert ("Nothing is found" in page) is not bool(ids), given


def test_narrowed_down_one_finds_nothing_that_one_may_not_see(
    cast: Cast, of_two: dict[str, int], session: Session
) -> None:  # S44
    theirs = pseudonym(session, cast, cast.second_author)
    for who in (cast.author, cast.outsider, cast.operator):
        for given in ({"writer": theirs}, {"state": "submitted"}, {"writer": theirs, "q": "lava"}):
            assert found(who, given.get("q", ""), **{k: v for k, v in given.items() if k != "q"}) == []
            assert "Lava" not in who.get("/search", params=given).text
    assert found(cast.second_author, "", state="submitted") == [of_two["submitted"]]


def test_of_a_writer_and_a_state_only_responses_are_told(cast: Cast, of_two: dict[str, int], session: Session) -> None:
    given = {"q": "approved", "state": "approved"}
    page = cast.reviewer.get("/search", params=given).text
    assert ('href="/prompts/' in page, f'href="/submissions/{of_two["approved"]}"' in page) == (False, True)
    assert found(cast.reviewer, "approved", "prompts", state="approved") == []
    assert cast.reviewer.get("/search", params={"state": "lost"}).status_code == 422


def test_a_listing_has_pages_and_shows_how_each_begins(cast: Cast, session: Session) -> None:
    assert cast.admin.user
    assert cast.author.user
    for number in range(21):
        prompt = factories.prompt(session, cast.project, cast.admin.user, f"Q{number}?", status=PromptStatus.APPROVED)
        factories.submission(session, prompt, cast.author.user, f"Number {number} " + "and on " * 200)
    session.commit()
    page = cast.reviewer.get("/search", params={"state": "submitted"}).text
    assert (page.count("Number "), "<mark>" in page, "and on…" in page or "and…" in page) == (20, False, True)
    older = re.findall(r'href="(\?[^"]*cursor=[^"]*)"', page)
    assert "Number 0 " in cast.reviewer.get("/search" + unescape(older[-1])).text
    leads = f'href="/search?kind=submissions&amp;project={cast.project.id}"'
    factories.review(session, session.scalars(select(Submission)).first(), cast.reviewer.user)  # type: ignore[arg-type]
    session.commit()
    assert leads in cast.reviewer.get(f"/projects/{cast.project.id}/review/history").text


def test_text_in_an_excerpt_stays_text(cast: Cast, session: Session) -> None:  # S63
    assert cast.admin.user
    factories.prompt(session, cast.project, cast.admin.user, "<b>bold</b> & <mark>brass</mark>\r\n  kettle")
    session.commit()
    page = cast.author.get("/search", params={"q": "kettle bold"}).text
    assert (
        "&lt;b&gt;<mark>bold</mark>&lt;/b&gt; &amp; &lt;mark&gt;brass&lt;/mark&gt;&#13;\n  <mark>kettle</mark>" in page
    )


def test_an_excerpt_stands_around_the_word(cast: Cast, session: Session) -> None:
    wanted = read_wanted(session, "needle")
    pieces = excerpt("hay " * 5000 + "Needle, " + "straw " * 5000, wanted.words)
    assert [piece.text for piece in pieces if piece.found] == ["Needle"]
    assert (pieces[0].text, pieces[-1].text) == ("…", "…")
    assert sum(len(piece.text) for piece in pieces) < 400


def test_a_word_within_another_is_not_marked(session: Session) -> None:
    pieces = excerpt("cat concatenate Cat's", read_wanted(session, "cat").words)
    assert [(piece.text, piece.found) for piece in pieces] == [
        ("cat", True), (" concatenate ", False), ("Cat", True), ("'s", False),
    ]  # fmt: skip


def test_pages_follow_each_other_and_belong_to_one_search(cast: Cast, session: Session) -> None:
    assert cast.admin.user
    ids = [factories.prompt(session, cast.project, cast.admin.user, f"Grebe {n}").id for n in range(45)]
    session.commit()
    seen: list[int] = []
    more: dict[str, str] = {}
    while True:
        given = {"q": "grebe", "kind": "prompts", **more}
        answer = cast.author.get("/api/v1/search", params=given).json()
        seen += [one["id"] for one in answer["found"]]
        if answer["next_cursor"] is None:
            break
        more = {"cursor": answer["next_cursor"]}
    assert seen == sorted(ids, reverse=True)
    stolen = {"q": "other", "kind": "prompts", **more}
    assert cast.author.get("/api/v1/search", params=stolen).status_code == 422
    page = cast.author.get("/search", params={"q": "grebe"}).text
    assert (page.count("<mark>"), "All prompts with these words" in page) == (5, True)
    page = cast.author.get("/search", params={"q": "grebe", "kind": "prompts"}).text
    assert (page.count("<mark>"), ">Older</a>" in page) == (20, True)


def test_a_project_narrows_the_search(cast: Cast, session: Session) -> None:
    assert cast.outsider.user
    assert cast.author.user
    factories.prompt(session, cast.project, cast.author.user, "A heron")
    theirs = factories.prompt(session, cast.other_project, cast.outsider.user, "A heron")
    session.commit()
    assert found(cast.outsider, "heron", "prompts", project=cast.other_project.id) == [theirs.id]
    for path in ("/search", "/api/v1/search"):
        given: dict[str, str | int] = {"q": "heron", "project": cast.other_project.id}
        assert cast.author.get(path, params=given).status_code == 404
    page = cast.author.get("/search", params={"q": "heron", "project": "", "kind": ""})
    assert page.text.count("<mark>") == 1


def test_a_word_is_looked_up_in_the_index_of_words(own_database: str, own_sessions: sessionmaker[Session]) -> None:
    with own_sessions.begin() as session:
        reviewer = fill(session)
    with raw(own_database) as owner:
        owner.execute("VACUUM (ANALYZE) prompts, submissions, revisions")
    for kind, index in ((Kind.PROMPTS, "ix_prompts_search"), (Kind.SUBMISSIONS, "ix_revisions_search")):
        with own_sessions.begin() as session:
            plan = plan_of(session, actor_for(session, reviewer), kind)
        assert index in plan
        assert "Seq Scan" not in plan


def fill(session: Session) -> User:
    """5,000 prompts and responses, of which one in 250 speaks of a kestrel; who reviews them."""
    writer, reviewer = factories.user(session, "Ann Author"), factories.user(session, "Rae Reviewer")
    project = factories.project(session, reviewer)
    factories.member(session, project, writer, Role.ANNOTATOR)
    given = {"project": project.id, "user": writer.id, "rows": 5_000}
    session.execute(
        text("""
        WITH p AS (
            INSERT INTO prompts (project_id, author_id, messages, language, licence, source, from_pair, status, reason)
            SELECT :project, :user, jsonb_build_array(jsonb_build_object('role', 'user', 'content',
                'prompt ' || n || CASE WHEN n % 250 = 0 THEN ' kestrel' ELSE ' sparrow' END)),
                'en', '', '', false, 'approved', ''
            FROM generate_series(1, :rows) n RETURNING id),
        a AS (
            INSERT INTO assignments (project_id, writer_id, prompt_id, is_pair, status, skip_reason)
            SELECT :project, :user, id, false, 'handed_in', '' FROM p RETURNING id, prompt_id),
        s AS (
            INSERT INTO submissions (project_id, prompt_id, assignment_id, author_id, status, current_revision,
                from_newcomer)
            SELECT :project, prompt_id, id, :user, 'submitted', 1, false FROM a RETURNING id)
        INSERT INTO revisions (submission_id, number, author_id, prompt_messages, messages, guidelines_id,
            draft_revision)
        SELECT s.id, 1, :user, '[]', jsonb_build_array(jsonb_build_object('role', 'assistant', 'content',
            'answer ' || s.id || CASE WHEN s.id % 250 = 0 THEN ' kestrel' ELSE ' sparrow' END)),
            (SELECT min(id) FROM guidelines), 1 FROM s
        """),
        given,
    )
    return reviewer


def plan_of(session: Session, actor: Actor, kind: Kind) -> str:
    """How PostgreSQL runs the search for a rare word."""
    asked: list[tuple[str, Any]] = []
    wanted = read_wanted(session, "kestrel")

    def note(_connection: Any, _cursor: Any, statement: str, given: Any, *_rest: Any) -> None:
        asked.append((statement, given))

    connection = session.connection()
    event.listen(connection, "before_cursor_execute", note)
    assert len(find(session, actor, kind, wanted)) >= 20
    event.remove(connection, "before_cursor_execute", note)
    statement, given = asked[-1]
    return json.dumps(connection.exec_driver_sql("EXPLAIN (FORMAT JSON) " + statement, given).scalar_one())


def test_without_spaces_all_between_two_marks_is_one_word_and_the_page_says_so(cast: Cast, session: Session) -> None:
    admin = session.get_one(User, cast.admin.actor.user_id)
    made = factories.prompt(session, cast.project, admin, "面包、冰箱", language="zh", status=PromptStatus.APPROVED)
    factories.prompt(session, cast.project, admin, "为什么面包会变硬？", language="zh", status=PromptStatus.APPROVED)
    session.commit()
    assert found(cast.author, "面包", "prompts") == [made.id]
    for address in ("/search", "/search?q=nowhere"):
        assert "Chinese, Japanese or Thai" in cast.author.get(address).text
