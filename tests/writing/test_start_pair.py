"""A writer makes up the prompt and the response: "Suggest a coding assistant tool", "Try out Cursor"."""

from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.projects.models import Category
from app.prompts.models import Prompt, PromptStatus
from app.writing.models import SubmissionStatus
from app.writing.service import record_decision
from tests import factories
from tests.cast import Cast
from tests.writing import work

TOOL = {"prompt": "Suggest a coding assistant tool", "response": "Try out Cursor"}


def begun(cast: Cast) -> int:
    """The id of a pair that the author has begun."""
    answer = work.post(cast.author, f"/projects/{cast.project.id}/write/pair")
    assert answer.status_code == 303
    return int(answer.headers["location"].rsplit("/", 1)[1])


def handed_in(cast: Cast, **form: Any) -> dict[str, Any]:
    """The submission of a pair that the author wrote on the page."""
    answer = work.post(cast.author, f"/write/{begun(cast)}", **(TOOL | {"revision": 0} | form))
    assert answer.status_code == 303, answer.text
    line = cast.author.get("/api/v1/submissions").json()["submissions"][0]
    return dict(cast.author.get(f"/api/v1/submissions/{line['id']}").json())


def test_the_page_asks_for_both_texts(cast: Cast) -> None:
    page = cast.author.get(f"/write/{begun(cast)}").text
    assert 'name="prompt"' in page
    assert 'name="response"' in page


def test_a_second_click_gives_the_same_empty_pair(cast: Cast) -> None:
    first = begun(cast)
    assert begun(cast) == first
    body = {"messages": work.turns("x"), "prompt": "y", "revision": 0, "user_id": work.me(cast.author)}
    cast.author.api("PUT", f"/api/v1/assignments/{first}/draft", **body)
    assert begun(cast) != first


def test_the_pair_is_handed_in_and_waits_as_one(cast: Cast, session: Session) -> None:
    submission = handed_in(cast)
    [revision] = submission["revisions"]
    assert revision["prompt_messages"] == factories.asked("Suggest a coding assistant tool")
    assert revision["messages"] == factories.answered("Try out Cursor")
    prompt = session.scalars(select(Prompt)).one()
    assert (prompt.from_pair, prompt.status, prompt.author_id) == (True, PromptStatus.PROPOSED, work.me(cast.author))


def test_one_decision_settles_prompt_and_response(cast: Cast, session: Session) -> None:
    submission = handed_in(cast)
    decided_by = work.me(cast.reviewer)
    record_decision(session, submission["id"], revision=1, status=SubmissionStatus.APPROVED, decided_by=decided_by)
    session.commit()
    assert session.scalars(select(Prompt.status)).one() is PromptStatus.COMPLETE


def test_both_texts_can_be_mended_and_the_prompt_is_what_was_approved(cast: Cast, session: Session) -> None:
    submission = handed_in(cast)
    decided_by, asked = work.me(cast.reviewer), SubmissionStatus.CHANGES_REQUESTED
    record_decision(session, submission["id"], revision=1, status=asked, decided_by=decided_by)
    session.commit()
    [card] = session.scalars(select(Prompt.id)).all()
    page = cast.author.get("/my/submissions").text
    address = page.split('href="/write/')[1].split('"')[0]
    form = TOOL | {"prompt": "Suggest a tool for coding", "revision": 1}
    work.post(cast.author, f"/write/{address}", **form)
    record_decision(session, submission["id"], revision=2, status=SubmissionStatus.APPROVED, decided_by=decided_by)
    session.commit()
    session.expire_all()
    prompt = session.get(Prompt, card)
    assert prompt
    assert prompt.messages == factories.asked("Suggest a tool for coding")


def test_then_another_pair(cast: Cast) -> None:
    first = begun(cast)
    answer = work.post(cast.author, f"/write/{first}", **TOOL, revision=0, another="true")
    assert answer.headers["location"] not in (f"/write/{first}", f"/projects/{cast.project.id}/write")
    assert "Write a pair" in cast.author.get(answer.headers["location"]).text


def test_a_pair_without_a_question_is_refused_and_kept(cast: Cast) -> None:
    pair = begun(cast)
    answer = work.post(cast.author, f"/write/{pair}", prompt=" ", response="Try out Cursor", revision=0)
    assert answer.status_code == 422
    assert "Write what somebody asks" in answer.text
    assert work.stored(cast.author, pair)["messages"] == work.turns("Try out Cursor")


def test_the_category_is_chosen_with_the_pair(cast: Cast, session: Session) -> None:
    plan = session.scalars(select(Category.id).where(Category.name == "Plan", Category.project_id == cast.project.id))
    submission = handed_in(cast, category_id=plan.one())
    assert submission["category_id"] == session.scalars(select(Prompt.category_id)).one()


def test_the_category_is_kept_with_the_draft(cast: Cast, session: Session) -> None:
    plan = session.scalars(select(Category.id).where(Category.project_id == cast.project.id)).first()
    pair = begun(cast)
    assert work.save(cast.author, pair, "An answer", prompt="A question", category_id=plan).status_code == 200
    assert f'value="{plan}" checked' in cast.author.get(f"/write/{pair}").text
    assert work.save(cast.author, pair, "An answer", prompt="A question", revision=1).status_code == 200
    late = work.save(cast.author, pair, "Late", prompt="Asked?", category_id=None)
    assert late.json()["current"]["category_id"] == plan
    assert [part["role"] for part in late.json()["compared"]] == ["user", "assistant"]
    foreign = work.save(cast.author, pair, "An answer", prompt="A question", revision=2, category_id=10**9)
    assert (foreign.status_code, foreign.json()["errors"][0]["pointer"]) == (422, "/category_id")
    assert work.stored(cast.author, pair)["revision"] == 2


def test_a_category_of_another_project_is_refused(cast: Cast, session: Session) -> None:
    foreign = session.scalars(select(Category.id).where(Category.project_id == cast.other_project.id)).first()
    answer = work.post(cast.author, f"/write/{begun(cast)}", **TOOL, revision=0, category_id=foreign)
    assert answer.status_code == 422


def test_a_dropped_pair_leaves_the_drafts(cast: Cast) -> None:
    pair = begun(cast)
    work.post(cast.author, f"/write/{pair}/save", **TOOL, revision=0)
    assert "Suggest a coding assistant tool" in cast.author.get(f"/projects/{cast.project.id}/write").text
    work.post(cast.author, f"/write/{pair}/skip", reason="The writer dropped the pair.")
    assert "Suggest a coding assistant tool" not in cast.author.get(f"/projects/{cast.project.id}/write").text


def test_to_an_outsider_the_project_does_not_exist(cast: Cast) -> None:
    assert work.post(cast.outsider, f"/projects/{cast.project.id}/write/pair").status_code == 404
