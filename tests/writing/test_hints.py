"""Hints say what a writer may want to look at, while they type and when saved; a project may ask that it be mended."""

import pytest
from sqlalchemy.orm import Session

from app.projects.models import HintName
from app.prompts.models import Prompt
from tests import factories
from tests.cast import Cast, Client
from tests.jobs import do_jobs
from tests.writing import work

SAID = "The sky is blue because air scatters short waves of light far more than long ones."
AGAIN = "The sky is blue, because the air scatters short waves of light far more than long ones"
ANSWERED = "Nearly the same was answered in this project before."
MAIL = "Write to ann.writer+x@firm.co.uk"


def typed(client: Client, assignment_id: int, text: str, **form: object) -> str:
    """What the page shows once the writer pauses."""
    answer = work.post(client, f"/write/{assignment_id}/hints", response=text, revision=0, **form)
    assert answer.status_code == 200
    return str(answer.text)


def test_while_somebody_types_they_are_told_and_nothing_is_stored(cast: Cast, taken: int) -> None:
    assert "an e-mail address" in typed(cast.author, taken, MAIL)
    assert typed(cast.author, taken, "Nothing to remark on.").strip() == ""
    assert work.stored(cast.author, taken)["revision"] == 0


def test_what_is_not_finished_yet_is_not_remarked_on(cast: Cast, taken: int) -> None:
    assert typed(cast.author, taken, "```python\nprint(1)\n", typing="true").strip() == ""
    assert "is opened with ``` and not closed" in typed(cast.author, taken, "```python\nprint(1)\n")


def test_a_response_that_is_not_begun_is_not_called_too_short(cast: Cast) -> None:
    pair = work.post(cast.author, f"/projects/{cast.project.id}/write/pair").headers["location"]
    left = work.post(cast.author, f"{pair}/hints", prompt="Who knows?", response="", revision=0)
    assert left.text.strip() == ""


def test_without_a_script_the_hints_stand_below_what_was_saved(cast: Cast, taken: int) -> None:
    assert work.post(cast.author, f"/write/{taken}/save", response="```\nx", revision=0).status_code == 303
    assert "A code block is opened with ``` and not closed." in cast.author.get(f"/write/{taken}").text


def test_a_response_much_like_another_is_told_of_and_not_shown_to_who_may_not_see_it(
    cast: Cast, session: Session, asked: Prompt
) -> None:
    other = work.written(cast.second_author, cast, SAID)
    work.ask(session, cast)
    mine = work.take(cast.author, cast)
    do_jobs(session)
    told = typed(cast.author, mine, AGAIN)
    assert ANSWERED in told
    assert f"/submissions/{other['id']}" not in told
    assert SAID not in told


def test_ones_own_earlier_response_is_linked(cast: Cast, session: Session, asked: Prompt) -> None:
    first = work.written(cast.author, cast, SAID)
    work.ask(session, cast, "Why is the sky not green?")
    do_jobs(session)
    told = typed(cast.author, work.take(cast.author, cast), AGAIN)
    assert f"/submissions/{first['id']}" in told


def test_a_response_is_not_much_like_itself(cast: Cast, session: Session, asked: Prompt) -> None:
    submission = work.written(cast.author, cast, SAID)
    do_jobs(session)
    assert ANSWERED not in cast.reviewer.get(f"/submissions/{submission['id']}").text


def test_a_pair_hears_that_its_prompt_was_asked_before(cast: Cast, session: Session) -> None:
    factories.prompt(session, cast.project, cast.admin.user, "Why is the sky blue over the sea?")  # type: ignore[arg-type]
    session.commit()
    from app.prompts.jobs import remember_prompts

    remember_prompts(project_id=cast.project.id)
    made = work.post(cast.author, f"/projects/{cast.project.id}/write/pair")
    assignment_id = int(made.headers["location"].split("/")[-1].split("?")[0])
    told = typed(cast.author, assignment_id, "Light.", prompt="Why is the sky blue over the sea")
    assert "Nearly the same was asked in this project before." in told


def test_a_project_can_ask_that_it_be_put_right_first(cast: Cast, session: Session, taken: int) -> None:
    cast.project.blocking_hints = [HintName.PERSONAL]
    session.merge(cast.project)
    session.commit()
    revision = work.save(cast.author, taken, MAIL).json()["revision"]
    refused = work.hand_in(cast.author, taken, revision)
    assert (refused.status_code, refused.json()["type"]) == (422, "/errors/writing.hints")
    assert refused.json()["errors"][0]["pointer"] == "/messages/0/content"
    assert work.stored(cast.author, taken)["messages"][0]["content"] == MAIL, "the draft is kept"
    mended = work.save(cast.author, taken, "Write to them.", revision=revision).json()["revision"]
    assert work.hand_in(cast.author, taken, mended).status_code == 201


def test_what_a_project_does_not_ask_for_only_informs(cast: Cast, session: Session, taken: int) -> None:
    cast.project.blocking_hints = [HintName.FENCE]
    session.merge(cast.project)
    session.commit()
    revision = work.save(cast.author, taken, MAIL).json()["revision"]
    assert work.hand_in(cast.author, taken, revision).status_code == 201


@pytest.mark.parametrize("who", ["second_author", "reviewer", "outsider"])
def test_nobody_else_asks_about_a_draft(cast: Cast, taken: int, who: str) -> None:
    client: Client = getattr(cast, who)
    assert work.post(client, f"/write/{taken}/hints", response="x", revision=0).status_code == 404


def test_a_reviewer_reads_the_same_facts_and_sees_what_it_is_like(cast: Cast, session: Session, asked: Prompt) -> None:
    work.written(cast.author, cast, f"{SAID} ann@firm.org")
    work.ask(session, cast)
    other = work.written(cast.second_author, cast, f"{AGAIN} ann@firm.org")
    do_jobs(session)
    work.post(cast.reviewer, f"/projects/{cast.project.id}/review/next")
    page = cast.reviewer.get(f"/projects/{cast.project.id}/review").text
    assert "an e-mail address" in page
    assert ANSWERED in page
    assert f'href="/submissions/{other["id"]}"' in page
