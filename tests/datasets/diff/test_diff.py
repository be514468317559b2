"""What changed between two versions: rows added, removed, written anew, moved; and nothing ever leaves test."""

import json
from collections.abc import Callable

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.datasets.diff import file as change_file
from app.datasets.models import PromptSplit, Split, Version
from app.projects.models import Category, Guidelines
from app.prompts.models import Prompt
from app.writing.models import Submission, SubmissionStatus
from tests import factories
from tests.cast import Cast
from tests.datasets.made import approve, published

Publish = Callable[[], Version]


def told(cast: Cast, new: Version, old: Version, kind: str = "changed") -> dict:  # type: ignore[type-arg]
    """The API's answer."""
    answer = cast.reviewer.get(f"/api/v1/versions/{new.id}/diff/{old.id}?kind={kind}")
    assert answer.status_code == 200, answer.text
    return answer.json()  # type: ignore[no-any-return]


def rewrite(session: Session, cast: Cast, submission: Submission, content: str) -> None:
    """One more approved revision of a response."""
    prompt = session.get_one(Prompt, submission.prompt_id)
    rules = session.scalars(select(Guidelines)).first()
    factories.revision(session, submission, prompt, rules, 2, content)
    submission.current_revision = 2
    factories.review(session, submission, cast.reviewer.user)  # type: ignore[arg-type]
    session.commit()


def test_what_came_went_and_was_written_anew_is_told_with_its_words(cast: Cast, session: Session) -> None:
    kept, gone, changed = approve(session, cast, 3)
    old = published(cast, session)
    rewrite(session, cast, changed, "Answer number three, said better.")
    gone.status = SubmissionStatus.WITHDRAWN
    (new_one,) = approve(session, cast, 1, first=10)
    new = published(cast, session)

    counts = told(cast, new, old)["counts"]
    sums = {kind: sum(by_split.values()) for kind, by_split in counts.items()}
    assert sums == {"same": 1, "changed": 1, "added": 1, "removed": 1, "moved": 0}
    assert [row["submission_id"] for row in told(cast, new, old)["rows"]] == [changed.id]
    assert [row["submission_id"] for row in told(cast, new, old, "added")["rows"]] == [new_one.id]
    assert [row["submission_id"] for row in told(cast, new, old, "removed")["rows"]] == [gone.id]
    page = cast.reviewer.get(f"/versions/{new.id}/diff/{old.id}").text
    assert "<ins>" in page
    assert "said better" in page
    assert "1 row came in, 1 went out, 1 was written anew." in page
    assert "No row left the test split." in page
    assert kept.id


def test_when_two_clusters_meet_the_training_row_moves_to_test_and_is_named(cast: Cast, session: Session) -> None:
    approve(session, cast, 12)
    old = published(cast, session)
    settled = {one.prompt_id: one.split for one in session.scalars(select(PromptSplit))}
    trained = min(prompt for prompt, split in settled.items() if split is Split.TRAIN)
    tested = min(prompt for prompt, split in settled.items() if split is Split.TEST)
    bridge = session.get_one(Prompt, tested).messages[0]["content"]
    session.get_one(Prompt, trained).messages = factories.asked(bridge)
    session.commit()
    # A new response to the old prompt, worded like the test prompt: the two clusters are one now.
    writer = cast.second_reviewer.user
    assert writer
    submission = factories.submission(session, session.get_one(Prompt, trained), writer, "Another answer.")
    factories.review(session, submission, cast.reviewer.user)  # type: ignore[arg-type]
    session.commit()
    new = published(cast, session)
    moved = told(cast, new, old, "moved")
    assert [(row["was"], row["split"]) for row in moved["rows"]] == [("train", "test")]
    assert moved["left_test"] == 0
    assert "train → test" in cast.reviewer.get(f"/versions/{new.id}/diff/{old.id}?kind=moved").text


def test_a_row_that_moves_within_test_since_it_is_held_out_now_is_named(
    some_approved: Cast, session: Session, publish: Publish
) -> None:
    old = publish()
    plan = select(Category.id).where(Category.project_id == some_approved.project.id, Category.name == "Plan")
    address = f"/api/v1/datasets/{old.dataset_id}/preparation"
    held_out = {"held_out_categories": [session.scalars(plan).one()]}
    assert some_approved.admin.put(address, json=held_out).status_code == 200
    moved = told(some_approved, publish(), old, "moved")
    parts = {(row["was_part"], row["part"]) for row in moved["rows"]}
    assert ("test", "test_categories") in parts
    assert {now for _, now in parts} == {"test_categories"}


def test_versions_of_two_datasets_of_a_project_are_compared_as_well(some_approved: Cast, session: Session) -> None:
    every = published(some_approved, session)
    some = published(some_approved, session, name="Some", categories="Explain")
    page = some_approved.reviewer.get(f"/versions/{some.id}/diff/{every.id}").text
    assert "From <bdi>Everything, version 1</bdi> to version 1" in page
    assert "No row left the test split." in page
    assert told(some_approved, some, every)["by_category"] == {
        "Explain": {"same": 10, "changed": 0, "added": 0, "removed": 0, "moved": 0},
        "Plan": {"same": 0, "changed": 0, "added": 0, "removed": 10, "moved": 0},
    }


def test_another_version_is_chosen_from_a_list_without_a_script(some_approved: Cast, session: Session) -> None:
    every = published(some_approved, session)
    some = published(some_approved, session, name="Some", categories="Explain")
    assert (
        f'<option value="{every.id}">Everything, version 1</option>'
        in some_approved.reviewer.get(f"/versions/{some.id}").text
    )
    chosen = some_approved.reviewer.get(f"/versions/{some.id}/compare?other={every.id}")
    assert (chosen.status_code, chosen.headers["location"]) == (303, f"/versions/{some.id}/diff/{every.id}")


def test_every_change_is_in_the_file_with_both_texts(
    cast: Cast, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(change_file, "BATCH", 2)
    changed, gone, *kept = approve(session, cast, 7)
    old = published(cast, session)
    rewrite(session, cast, changed, "Said better.\u2028 Zero width: \u200b")
    gone.status = SubmissionStatus.WITHDRAWN
    added = approve(session, cast, 5, first=20)
    new = published(cast, session)
    for door in ("", "/api/v1"):
        answer = cast.reviewer.get(f"{door}/versions/{new.id}/diff/{old.id}/changes.jsonl")
        assert answer.headers["content-disposition"].startswith("attachment")
        rows = [json.loads(line) for line in answer.text.split("\n")[:-1]]
        assert [(row["kind"], row["submission_id"]) for row in rows] == [
            ("changed", str(changed.id)),
            *[("added", str(one.id)) for one in added],
            ("removed", str(gone.id)),
        ]
        assert rows[0]["old"][-1]["content"] == "Answer number 1."
        assert rows[0]["new"][-1]["content"] == "Said better.\u2028 Zero width: \u200b"
        assert (rows[1]["old"], rows[-1]["new"]) == (None, None)
    assert kept


def test_versions_of_other_people_cannot_be_compared(some_approved: Cast, session: Session) -> None:
    one, other = published(some_approved, session), published(some_approved, session, name="Another")
    for client in (some_approved.author, some_approved.outsider):
        assert client.get(f"/versions/{one.id}/diff/{other.id}").status_code == 404
        assert client.get(f"/api/v1/versions/{one.id}/diff/{other.id}").status_code == 404
