"""What was said of a version's rows is taken away with it."""

import json
from typing import Any

import pytest
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from app.accounts.models import Membership
from app.core.audit import AuditEntry
from app.datasets import said
from app.datasets.models import Dataset, DatasetKind, Version
from app.review.models import Comment, Review
from app.writing.models import Revision, Submission
from tests import factories
from tests.cast import Cast, Client
from tests.datasets.made import approve, published

DOORS = ("", "/api/v1")


def lines(client: Client, version: Version, door: str = "/api/v1") -> list[dict[str, Any]]:
    """The lines of the file."""
    answer = client.get(f"{door}/versions/{version.id}/comments.jsonl")
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-disposition"] == f'attachment; filename="comments-on-{version.id}.jsonl"'
    return [json.loads(line) for line in answer.text.split("\n")[:-1]]


def commented(client: Client, submission: Submission, quote: str, body: str, revision: int = 1) -> int:
    """A comment on words that stand once; its id."""
    given = {"revision": revision, "quote": quote, "body": body}
    answer = client.api("POST", f"/api/v1/submissions/{submission.id}/comments", **given)
    assert answer.status_code == 201, answer.text
    return int(answer.json()["id"])


def name_of(session: Session, cast: Cast, client: Client) -> str:
    assert client.user
    mine = select(Membership.pseudonym).where(Membership.user_id == client.user.id)
    return session.scalars(mine.where(Membership.project_id == cast.project.id)).one()


def test_a_comment_stands_by_its_row_with_its_place_its_answers_and_pseudonyms(cast: Cast, session: Session) -> None:
    asked, *_ = approve(session, cast, 20)
    writer = cast.author if cast.author.user and asked.author_id == cast.author.user.id else cast.second_author
    comment_id = commented(cast.reviewer, asked, "number", "Which\u2028 one? 🙂")
    assert writer.api("POST", f"/api/v1/comments/{comment_id}/answers", body="The first.").status_code == 201
    assert cast.reviewer.api("POST", f"/api/v1/comments/{comment_id}/resolve").status_code == 200
    version = published(cast, session)
    for door in DOORS:
        (row,) = lines(cast.reviewer, version, door)
        assert row["id"] == f"s{asked.id}-r1"
        (one,) = row["comments"]
        assert (one["quote"], one["body"], one["settled"]) == ("number", "Which\u2028 one? 🙂", True)
        assert one["place"] == {"turn": 0, "starts_at": 7, "ends_at": 13}
        assert one["who"] == name_of(session, cast, cast.reviewer)
        assert [(said["who"], said["body"]) for said in one["answers"]] == [
            (name_of(session, cast, writer), "The first.")
        ]


def test_what_was_said_of_an_earlier_revision_has_its_place_in_the_published_one_or_none(
    cast: Cast, session: Session
) -> None:
    assert cast.author.user
    assert cast.admin.user
    assert cast.reviewer.user
    approve(session, cast, 20)
    prompt = factories.prompt(session, cast.project, cast.admin.user, "What bends light?", status="approved")
    made = factories.submission(
        session, prompt, cast.author.user, "Glass bends light, and so does fog.", "Glass bends light: it is denser."
    )
    first = session.scalars(select(Revision).where(Revision.submission_id == made.id, Revision.number == 1)).one()
    of_first = {"project_id": cast.project.id, "submission_id": made.id, "revision_id": first.id}
    who = cast.reviewer.user.id
    for start, end, body in ((0, 5, "All glass?"), (31, 34, "No.")):
        quote = first.messages[0]["content"][start:end]
        place = {"part": "response", "turn": 0, "starts_at": start, "ends_at": end, "quote": quote}
        factories.stored(session, Comment(**of_first, **place, author_id=who, body=body))
    returned = {"decision": "changes_requested", "note": "Say why.", "missed": "Say where it is from"}
    factories.stored(session, Review(**of_first, **returned, reviewer_id=who, ratings={}))
    factories.review(session, made, cast.reviewer.user)
    session.commit()
    (row,) = lines(cast.reviewer, published(cast, session))
    assert row["id"] == f"s{made.id}-r2"
    assert [(one["quote"], one["place"]) for one in row["comments"]] == [
        ("Glass", {"turn": 0, "starts_at": 0, "ends_at": 5}),
        ("fog", None),
    ]
    assert [(one["revision"], one["decision"], one["note"], one["missed"]) for one in row["reviews"]] == [
        (1, "changes_requested", "Say why.", "Say where it is from"),
        (2, "approved", "", ""),
    ]


def test_two_opinions_that_agreed_stand_under_two_names_and_who_was_erased_has_said_nothing(
    cast: Cast, session: Session
) -> None:
    assert cast.author.user
    assert cast.admin.user
    assert cast.reviewer.user
    approve(session, cast, 20)
    cast.project.reviews_per_response = 2
    prompt = factories.prompt(session, cast.project, cast.admin.user, "What bends light?", status="approved")
    made = factories.submission(session, prompt, cast.author.user, "Glass bends light.")
    session.commit()
    first, second = cast.reviewer, cast.second_reviewer
    for who, note in ((first, "As my brother Hans says."), (second, "Short.")):
        given = {"decision": "approved", "revision": 1, "ratings": {"helpful": 4, "correct": 5}, "note": note}
        assert who.api("POST", f"/api/v1/submissions/{made.id}/reviews", **given).status_code == 201
    version = published(cast, session)
    (row,) = lines(second, version)
    told = [(one["reviewer"], one["note"]) for one in row["reviews"]]
    assert told == [
        (name_of(session, cast, first), "As my brother Hans says."),
        (name_of(session, cast, second), "Short."),
    ]
    session.execute(text("SELECT erase_person(:person)"), {"person": cast.reviewer.user.id})
    session.commit()
    session.expire_all()
    assert "Hans" not in str(lines(second, version))
    assert session.scalars(select(Review.note).where(Review.submission_id == made.id)).all() == ["Short."]


def test_every_row_of_which_something_was_said_is_in_it_in_the_order_of_the_version(
    cast: Cast, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(said, "BATCH", 2)
    made = approve(session, cast, 20)
    for one in made[::3]:
        commented(cast.reviewer, one, "Answer", "Fine.")
    version = published(cast, session)
    rows = cast.reviewer.get(f"/api/v1/versions/{version.id}/rows").json()["rows"]
    spoken = [row["id"] for row in rows if row["submission_id"] in {one.id for one in made[::3]}]
    assert [row["id"] for row in lines(cast.reviewer, version)] == spoken


def test_what_was_withdrawn_since_is_not_in_it(cast: Cast, session: Session) -> None:
    first, second, *_ = approve(session, cast, 20)
    for one in (first, second):
        commented(cast.reviewer, one, "Answer", "Fine.")
    version = published(cast, session)
    for client in (cast.author, cast.second_author):
        client.api("POST", f"/api/v1/submissions/{first.id}/withdraw")
    assert [row["submission_id"] for row in lines(cast.reviewer, version)] == [str(second.id)]


def test_only_who_may_read_the_version_takes_it_and_that_is_written_down(some_approved: Cast, session: Session) -> None:
    version = published(some_approved, session)
    path = f"/versions/{version.id}/comments.jsonl"
    assert f'href="{path}" download' in some_approved.reviewer.get(f"/versions/{version.id}").text
    for door in DOORS:
        told = [who.get(door + path).status_code for who in (some_approved.author, some_approved.outsider)]
        assert told == [404, 404]
    lines(some_approved.reviewer, version)
    taken = session.scalars(select(AuditEntry.details).where(AuditEntry.action == "datasets.downloaded")).all()
    assert taken == [{"file": "comments.jsonl"}]


def test_a_version_of_preferences_has_none(some_approved: Cast, session: Session) -> None:
    version = published(some_approved, session)
    session.get_one(Dataset, version.dataset_id).kind = DatasetKind.PREFERENCES
    session.commit()
    answer = some_approved.reviewer.get(f"/api/v1/versions/{version.id}/comments.jsonl")
    assert (answer.status_code, answer.json()["type"]) == (409, "/errors/datasets.no_comments")
