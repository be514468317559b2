"""What changed between two versions: rows added, removed, written anew, moved; and nothing ever leaves test."""

from collections.abc import Callable

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.datasets.models import PromptSplit, Split, Version
from app.projects.models import Guidelines
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


def test_versions_of_two_datasets_and_of_other_people_cannot_be_compared(some_approved: Cast, session: Session) -> None:
    one, other = published(some_approved, session), published(some_approved, session, name="Another")
    for client in (some_approved.reviewer, some_approved.author, some_approved.outsider):
        assert client.get(f"/versions/{one.id}/diff/{other.id}").status_code == 404
        assert client.get(f"/api/v1/versions/{one.id}/diff/{other.id}").status_code == 404
