"""A writer gives a prompt back with a reason, and others get it at once."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.prompts.models import Prompt
from app.writing.models import Assignment, AssignmentStatus
from tests.cast import Cast
from tests.writing import work


def test_another_writer_gets_it_at_once(cast: Cast, taken: int) -> None:
    assert work.post(cast.author, f"/write/{taken}/skip", kind="unclear").status_code == 303
    assert work.take(cast.second_author, cast) != taken


def test_the_reason_and_the_draft_are_kept(cast: Cast, session: Session, taken: int) -> None:
    work.save(cast.author, taken, "I tried")
    work.post(cast.author, f"/write/{taken}/skip", kind="unclear", reason="Which\r\nsky?")
    row = session.scalars(select(Assignment)).one()
    assert (row.status, row.skip_kind, row.skip_reason) == ("skipped", "unclear", "Which\nsky?")
    assert work.stored(cast.author, taken)["messages"] == work.turns("I tried")


def test_who_decides_on_prompts_reads_why_one_was_left_and_its_proposer_without_names(
    cast: Cast, session: Session, taken: int
) -> None:
    work.post(cast.author, f"/write/{taken}/skip", kind="unclear", reason="Which sky?")
    prompt = session.scalars(select(Prompt)).one()
    address = f"/prompts/{prompt.id}/skips"
    assert f'href="{address}"' in cast.reviewer.get(f"/prompts/{prompt.id}").text
    read = cast.reviewer.get(address).text
    assert [words in read for words in ("Unclear what is asked", "Which sky?")] == [True] * 2
    assert cast.author.user
    known_as = f"a-{cast.project.id}-{cast.author.user.id}"
    assert (known_as in read, "Ann Author" in read) == (True, False)
    assert cast.second_author.get(address).status_code == 403
    assert cast.second_author.user
    prompt.author_id = cast.second_author.user.id
    session.commit()
    read = cast.second_author.get(address).text
    assert [words in read for words in ("Which sky?", known_as, "Ann Author")] == [True, False, False]


def test_what_was_reported_is_no_reason_of_a_skip(cast: Cast, session: Session, taken: int) -> None:
    work.post(cast.author, f"/write/{taken}/report", reason="harmful", note="Nobody should answer it.")
    prompt = session.scalars(select(Prompt.id)).one()
    page = cast.reviewer.get(f"/prompts/{prompt}/skips").text
    assert "Nobody has left it" in page
    assert f'href="/projects/{cast.project.id}/prompts" aria-current="page"' in page


def test_a_usual_reason_needs_no_words(cast: Cast, session: Session, taken: int) -> None:
    assert work.post(cast.author, f"/write/{taken}/skip", kind="too_long").status_code == 303
    assert session.scalars(select(Assignment.skip_kind)).one() == "too_long"


def test_skipping_leads_to_the_next_prompt_and_says_what_was_done(cast: Cast, session: Session, taken: int) -> None:
    work.ask(session, cast, "And the sea?")
    answer = work.post(cast.author, f"/write/{taken}/skip", kind="not_my_field")
    page = cast.author.get(answer.headers["location"]).text
    assert "And the sea?" in page
    assert "Skipped. Somebody else gets it." in page


def test_another_reason_without_words_skips_nothing(cast: Cast, session: Session, taken: int) -> None:
    assert work.post(cast.author, f"/write/{taken}/skip", reason=" \u200b").status_code == 422
    assert session.scalars(select(Assignment.status)).one() is AssignmentStatus.DRAFTING


def test_the_second_of_two_clicks_hears_that_it_was_skipped(cast: Cast, taken: int) -> None:
    answers = [cast.author.api("POST", f"/api/v1/assignments/{taken}/skip", reason="No") for _ in range(2)]
    assert [answer.status_code for answer in answers] == [204, 409]


def test_what_was_handed_in_is_not_skipped(cast: Cast, taken: int) -> None:
    work.save(cast.author, taken, "Done")
    work.hand_in(cast.author, taken, 1)
    assert cast.author.api("POST", f"/api/v1/assignments/{taken}/skip", reason="No").status_code == 409
    late = work.save(cast.author, taken, "More", revision=1)
    assert late.json()["type"] == "/errors/writing.already_handed_in"


def test_what_was_skipped_takes_no_more_saves(cast: Cast, taken: int) -> None:
    work.post(cast.author, f"/write/{taken}/skip", reason="No")
    assert work.save(cast.author, taken, "But").json()["type"] == "/errors/writing.already_skipped"


def test_nobody_skips_for_somebody_else(cast: Cast, session: Session, taken: int) -> None:
    assert work.post(cast.second_author, f"/write/{taken}/skip", reason="No").status_code == 404
    drawn_for_ann = {"user_id": work.me(cast.author), "reason": "No"}
    assert cast.second_author.post(f"/write/{taken}/skip", data=drawn_for_ann).status_code == 409
    assert session.scalars(select(Assignment.status)).one() is AssignmentStatus.DRAFTING
