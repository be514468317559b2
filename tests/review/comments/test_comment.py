"""Reviewers and the author speak about passages; what is said stays with its words through every revision."""

import re
from typing import Any

import pytest
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from app.core.audit import AuditEntry
from app.projects.models import Guidelines, Project
from app.prompts.models import Prompt
from app.review.comments import comments
from app.review.models import Comment
from app.writing.models import Submission, SubmissionStatus
from tests import factories
from tests.cast import Cast, Client
from tests.hostile import Hostile, rows
from tests.review.conftest import HandIn, decided, took
from tests.review.test_submission import seen

AIR = "Because air scatters blue light most."


def said(
    client: Client, submission: Submission, quote: str = "blue light", body: str = "Why blue?", **place: Any
) -> Any:
    """A comment by the JSON door."""
    given = {"revision": submission.current_revision, "quote": quote, "body": body} | place
    return client.api("POST", f"/api/v1/submissions/{submission.id}/comments", **given)


def typed(
    client: Client, submission: Submission, quote: str = "blue light", body: str = "Why blue?", **place: Any
) -> Any:
    """A comment by the page's form."""
    assert client.user
    given = {"user_id": client.user.id, "revision": submission.current_revision, "quote": quote, "body": body} | place
    return client.post(f"/submissions/{submission.id}/comments", data=given)


def read(client: Client, submission: Submission, query: str = "") -> Any:
    """All comments that this person sees."""
    answer = client.get(f"/api/v1/submissions/{submission.id}/comments{query}")
    assert answer.status_code == 200
    return answer.json()["comments"]


def answered(client: Client, comment_id: int, body: str = "Because.") -> Any:
    return client.api("POST", f"/api/v1/comments/{comment_id}/answers", body=body)


def resolved(client: Client, comment_id: int) -> Any:
    return client.api("POST", f"/api/v1/comments/{comment_id}/resolve")


def revise(session: Session, submission: Submission, content: str) -> None:
    """The author hands in another revision."""
    session.refresh(submission)
    submission.current_revision += 1
    submission.status = SubmissionStatus.SUBMITTED
    rules = session.scalars(select(Guidelines).where(Guidelines.project_id == submission.project_id)).one()
    prompt = session.get_one(Prompt, submission.prompt_id)
    now = func.clock_timestamp()
    factories.revision(session, submission, prompt, rules, submission.current_revision, content, created_at=now)
    session.commit()


def test_a_comment_is_stored_with_its_words_and_their_place(cast: Cast, waiting: Submission, session: Session) -> None:
    answer = said(cast.reviewer, waiting)
    assert answer.status_code == 201
    made = answer.json()
    assert made["place"] == {"turn": 0, "starts_at": 21, "ends_at": 31}
    assert AIR[21:31] == "blue light" == made["quote"]
    assert (made["who"], made["body"], made["answers"], made["resolved_at"]) == ("You", "Why blue?", [], None)
    entry = session.scalars(select(AuditEntry).where(AuditEntry.action == "review.commented")).one()
    assert (entry.subject_id, entry.details) == (made["id"], {"submission": waiting.id})


def test_the_page_marks_the_words_and_leads_from_them_to_the_comment_and_back(cast: Cast, waiting: Submission) -> None:
    answer = typed(cast.reviewer, waiting)
    made = read(cast.reviewer, waiting)[0]["id"]
    assert (answer.status_code, answer.headers["location"]) == (
        303, f"/submissions/{waiting.id}?revision=1#comment-{made}",
    )  # fmt: skip
    page = seen(cast.reviewer, waiting)
    assert (
        f'air scatters <span id="passage-{made}"></span><mark>blue light</mark><sup><a href="#comment-{made}">' in page
    )
    assert f'href="#passage-{made}"' in page
    assert f'id="comment-{made}"' in page


def test_on_the_desk_one_comments_and_comes_back_to_the_desk_as_it_was_looked_at(
    cast: Cast, waiting: Submission
) -> None:
    took(cast.reviewer, cast.project.id)
    answer = typed(cast.reviewer, waiting, back="desk", view="raw")
    made = read(cast.reviewer, waiting)[0]["id"]
    assert answer.headers["location"] == f"/projects/{cast.project.id}/review?view=raw#comment-{made}"
    page = cast.reviewer.get(answer.headers["location"]).text
    assert "<mark>blue light</mark>" in page
    assert "Why blue?" in page
    reads = cast.reviewer.get(f"/projects/{cast.project.id}/review").text
    assert f'href="/projects/{cast.project.id}/review?view=raw#passage-{made}"' in reads


def test_where_some_are_decided_already_the_desk_has_no_comments(
    cast: Cast, waiting: Submission, session: Session
) -> None:
    said(cast.reviewer, waiting)
    session.execute(update(Project).where(Project.id == cast.project.id).values(gold_every=5))
    session.commit()
    took(cast.reviewer, cast.project.id)
    page = cast.reviewer.get(f"/projects/{cast.project.id}/review?view=raw").text
    assert "air scatters" in page
    assert 'id="comments"' not in page
    assert "<mark" not in page


def test_between_revisions_comments_are_marked_on_the_newer_one(
    cast: Cast, waiting: Submission, session: Session
) -> None:
    said(cast.reviewer, waiting, "scatters blue")
    decided(cast.reviewer, waiting, "changes_requested", note="See there.")
    revise(session, waiting, "Because the air scatters blue\u200b light most.")
    new = said(cast.reviewer, waiting, "the air").json()["id"]
    page = seen(cast.reviewer, waiting, "?revision=2&against=1")
    assert f'<span id="passage-{new}"></span><ins><mark>the</mark></ins><mark> air</mark>' in page
    assert "<del> blue</del>" in page
    assert '<ins><span class="invisible" title="zero width space">U+200B</span>' in page
    assert "Outdated" in page, "the words of the first are others now"


def test_its_author_sees_comments_only_with_the_decision(cast: Cast, waiting: Submission) -> None:
    said(cast.reviewer, waiting, body="Why blue, and not violet?")
    assert read(cast.author, waiting) == []
    assert "not violet" not in seen(cast.author, waiting)
    assert "<mark" not in seen(cast.author, waiting)
    decided(cast.reviewer, waiting, "changes_requested", note="See there.")
    assert [one["body"] for one in read(cast.author, waiting)] == ["Why blue, and not violet?"]
    assert "not violet" in seen(cast.author, waiting)


def test_what_was_said_of_the_next_revision_waits_for_the_next_decision(
    cast: Cast, waiting: Submission, session: Session
) -> None:
    first = said(cast.reviewer, waiting).json()["id"]
    decided(cast.reviewer, waiting, "changes_requested", note="See there.")
    revise(session, waiting, AIR + " Violet too.")
    said(cast.reviewer, waiting, "Violet too", "Good.")
    answered(cast.reviewer, first, "Better now.")
    assert [(one["body"], one["answers"]) for one in read(cast.author, waiting)] == [("Why blue?", [])]
    assert len(read(cast.second_reviewer, waiting)) == 2
    decided(cast.reviewer, waiting)
    assert [len(one["answers"]) for one in read(cast.author, waiting)] == [1, 0]


def test_the_author_speaks_too_and_is_read_at_once(cast: Cast, waiting: Submission) -> None:
    assert said(cast.author, waiting, body="I was not sure here.").status_code == 201
    assert read(cast.author, waiting)[0]["who"] == "You"
    shown = read(cast.reviewer, waiting)[0]
    assert shown["who"].startswith(f"a-{cast.project.id}-")  # S54
    assert shown["body"] == "I was not sure here."


def test_a_writer_learns_who_commented_only_where_the_project_says_so(
    cast: Cast, waiting: Submission, session: Session
) -> None:
    made = said(cast.reviewer, waiting).json()["id"]
    answered(cast.second_reviewer, made)
    decided(cast.reviewer, waiting)
    assert [one["who"] for one in read(cast.author, waiting)] == ["A reviewer"]
    assert "Rae Reviewer" not in seen(cast.author, waiting)  # S54
    assert "Rob Reviewer" not in seen(cast.author, waiting)
    session.execute(update(Project).where(Project.id == cast.project.id).values(show_reviewer_names=True))
    session.commit()
    first = read(cast.author, waiting)[0]
    assert (first["who"], first["answers"][0]["who"]) == ("Rae Reviewer", "Rob Reviewer")


def test_where_two_opinions_are_asked_for_comments_tell_nothing_before_both_are_given(
    cast: Cast, waiting: Submission, session: Session
) -> None:
    session.execute(update(Project).where(Project.id == cast.project.id).values(reviews_per_response=2))
    session.commit()
    made = said(cast.reviewer, waiting, body="Copied from a book").json()["id"]
    said(cast.author, waiting, "air", "All air?")
    assert [one["body"] for one in read(cast.second_reviewer, waiting)] == ["All air?"]
    assert "Copied" not in seen(cast.second_reviewer, waiting)
    assert answered(cast.second_reviewer, made).status_code == 404
    assert resolved(cast.second_reviewer, made).status_code == 404
    decided(cast.second_reviewer, waiting)
    assert len(read(cast.second_reviewer, waiting)) == 1, "her own opinion is in, the other is not"
    decided(cast.reviewer, waiting, "rejected", note="Copied.")
    assert len(read(cast.second_reviewer, waiting)) == 2


def test_to_other_writers_and_outsiders_there_is_no_comment(cast: Cast, waiting: Submission) -> None:
    made = said(cast.reviewer, waiting).json()["id"]
    for client in (cast.second_author, cast.outsider, cast.operator):
        assert client.get(f"/api/v1/submissions/{waiting.id}/comments").status_code == 404
        assert said(client, waiting).status_code == 404
        there, never = answered(client, made), answered(client, 2**50)
        assert (there.status_code, never.status_code) == (404, 404)
        assert there.json()["type"] == never.json()["type"]
    assert answered(cast.author, made).status_code == 404, "the decision is not out"


@pytest.mark.parametrize(
    ("values", "code"),
    [
        ({"quote": "green light"}, "review.no_such_passage"),
        ({"quote": "a"}, "review.passage_repeats"),
        ({"quote": "blue light", "part": "prompt"}, "review.no_such_passage"),
        ({"quote": "blue light", "turn": 3}, "review.no_such_passage"),
        ({"revision": 2}, "review.no_revision"),
        ({"quote": ""}, "validation"),
        ({"body": " \n"}, "validation"),
        ({"body": "x" * 10_001}, "validation"),
        ({"starts_at": -1}, "validation"),
        ({"part": "both"}, "validation"),
        ({"resolved_at": "2020-01-01T00:00:00Z"}, "validation"),
    ],
)
def test_a_comment_without_its_place_is_refused(
    cast: Cast, waiting: Submission, session: Session, values: dict[str, Any], code: str
) -> None:
    answer = said(cast.reviewer, waiting, **values)
    assert answer.status_code == 422
    assert code == "validation" or answer.json()["type"] == f"/errors/{code}"
    assert session.scalar(select(func.count()).select_from(Comment)) == 0


def test_the_place_tells_which_of_equal_words_are_meant(cast: Cast, hand_in: HandIn) -> None:
    twice = hand_in(cast.author, "so it is, so it is")
    assert said(cast.reviewer, twice, "so it is", starts_at=10).json()["place"]["starts_at"] == 10
    assert said(cast.reviewer, twice, "so it is", starts_at=3).status_code == 422


def test_places_are_code_points_and_whole_characters(cast: Cast, hand_in: HandIn) -> None:
    one = hand_in(cast.author, "\U0001f600\U0001f469\u200d\U0001f467 \U0001d538 text cafe\u0301")
    assert said(cast.reviewer, one, "\U0001d538").json()["place"]["starts_at"] == 5
    assert said(cast.reviewer, one, "cafe").json()["quote"] == "cafe\u0301"
    assert said(cast.reviewer, one, "\U0001f467").json()["quote"] == "\U0001f469\u200d\U0001f467"


def test_a_form_finds_words_across_any_line_end(cast: Cast, hand_in: HandIn) -> None:
    odd = hand_in(cast.author, "one\rtwo\r\nthree\nfour")
    assert typed(cast.reviewer, odd, "one\r\ntwo\r\nthree\r\nfour", starts_at=0).status_code == 303
    assert read(cast.reviewer, odd)[0]["quote"] == "one\rtwo\r\nthree\nfour"


def test_a_comment_on_the_prompt_is_one_on_the_prompt(cast: Cast, waiting: Submission) -> None:
    made = said(cast.reviewer, waiting, "the sky").json()
    assert (made["part"], made["place"]["starts_at"]) == ("prompt", 7)
    assert "<mark>the sky</mark>" in seen(cast.reviewer, waiting)


def test_in_a_new_revision_a_comment_stands_on_its_words_or_says_that_it_is_outdated(
    cast: Cast, waiting: Submission, session: Session
) -> None:
    kept = said(cast.reviewer, waiting, "air scatters").json()["id"]
    lost = said(cast.reviewer, waiting, "most").json()["id"]
    decided(cast.reviewer, waiting, "changes_requested", note="See there.")
    revise(session, waiting, "Well, because air scatters blue light, mostly.")
    places = {one["id"]: one["place"] for one in read(cast.reviewer, waiting)}
    assert places == {kept: {"turn": 0, "starts_at": 14, "ends_at": 26}, lost: None}
    page = seen(cast.reviewer, waiting)
    assert "<mark>air scatters</mark>" in page
    assert "Outdated" in page
    assert page.count("<mark") == 1
    first = {one["id"]: one["place"]["starts_at"] for one in read(cast.reviewer, waiting, "?revision=1")}
    assert first == {kept: 8, lost: AIR.index("most")}


def test_comments_that_overlap_are_all_marked_and_the_text_stays_whole(cast: Cast, waiting: Submission) -> None:
    for quote in ("air scatters blue", "scatters", "scatters blue light", AIR):
        assert said(cast.reviewer, waiting, quote).status_code == 201
    page = seen(cast.reviewer, waiting)
    body = page[page.index('data-part="response"') :].split("</div>")[0]
    plain = re.sub(r"<[^>]*>", "", re.sub(r"<sup>.*?</sup>", "", body[body.index(">") + 1 :]))
    assert plain == AIR
    assert len(re.findall('id="passage-', body)) == len(re.findall("<sup>", body)) == 4


@pytest.mark.parametrize("row", rows("text", stored=True)[::9], ids=lambda row: row.id)
def test_what_is_said_and_what_it_is_said_of_is_text_and_nothing_else(
    cast: Cast, hand_in: HandIn, row: Hostile
) -> None:
    text = row.text[:2_000]
    submission = hand_in(cast.author, text)
    answer = said(cast.reviewer, submission, text, text, part="response", starts_at=0)  # S62
    if answer.status_code == 422:
        assert answer.json()["errors"], "only white space, which is nobody's comment"
        return
    shown = seen(cast.reviewer, submission)
    assert read(cast.reviewer, submission)[0]["body"] == text
    assert read(cast.reviewer, submission)[0]["quote"] == text
    assert "<script>window" not in shown
    assert "<img" not in shown.lower().replace("&lt;img", "")


def test_a_text_bears_so_many_comments_and_no_more(
    cast: Cast, waiting: Submission, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(comments, "COMMENTS_LIMIT", 2)
    assert [said(cast.reviewer, waiting).status_code for _ in range(3)] == [201, 201, 409]


def test_an_answer_stands_with_the_comment_and_an_answer_to_it_in_the_same_row(
    cast: Cast, waiting: Submission, session: Session
) -> None:
    made = said(cast.reviewer, waiting).json()["id"]
    decided(cast.reviewer, waiting, "changes_requested", note="See there.")
    first = answered(cast.author, made, "Blue is what we see.")
    assert first.status_code == 201
    assert [one["body"] for one in first.json()["answers"]] == ["Blue is what we see."]
    answered(cast.reviewer, first.json()["answers"][0]["id"], "Say so.")
    assert [one["who"] for one in read(cast.author, waiting)[0]["answers"]] == ["You", "A reviewer"]
    actions = session.scalars(select(AuditEntry.action).where(AuditEntry.subject == "comment")).all()
    assert actions.count("review.comment_answered") == 2


def test_a_comment_is_settled_once(cast: Cast, waiting: Submission, session: Session) -> None:
    made = said(cast.reviewer, waiting).json()["id"]
    decided(cast.reviewer, waiting, "changes_requested", note="See there.")
    assert resolved(cast.author, made).json()["resolved_at"]
    again = resolved(cast.reviewer, made)
    assert (again.status_code, again.json()["type"]) == (409, "/errors/review.already_resolved")
    assert session.scalars(select(Comment.resolved_by)).one() == waiting.author_id
    assert "data-settled" in seen(cast.author, waiting)
    assert "settled" in seen(cast.author, waiting)


def test_the_forms_of_the_page_answer_and_settle(cast: Cast, waiting: Submission) -> None:
    made = said(cast.reviewer, waiting).json()["id"]
    assert cast.reviewer.user
    given = {"user_id": cast.reviewer.user.id, "shown": 1}
    answer = cast.reviewer.post(f"/comments/{made}/answers", data={**given, "body": "So it is.\r\nYes."})
    assert answer.headers["location"] == f"/submissions/{waiting.id}?revision=1#comment-{made}"
    assert cast.reviewer.post(f"/comments/{made}/resolve", data=given).status_code == 303
    thread = read(cast.reviewer, waiting)[0]
    assert (thread["answers"][0]["body"], bool(thread["resolved_at"])) == ("So it is.\nYes.", True)


def test_a_form_drawn_for_somebody_else_is_refused(cast: Cast, waiting: Submission) -> None:
    assert cast.author.user
    assert typed(cast.reviewer, waiting, user_id=cast.author.user.id).status_code == 409
    assert read(cast.reviewer, waiting) == []
