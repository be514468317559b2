"""One row that the database holds damaged: publishing names it and stops, and everything else goes on."""

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from app.datasets.models import VersionRow
from app.writing.models import Submission
from tests.cast import Cast
from tests.datasets.made import approve, newest, published
from tests.jobs import do_jobs

BREAK_TEXT = """
INSERT INTO revisions (submission_id, number, author_id, prompt_messages, messages, guidelines_id, draft_revision)
SELECT submission_id, 2, author_id, {prompt}, {messages}, guidelines_id, 2 FROM revisions WHERE submission_id = :id
"""
DECIDE = """
INSERT INTO reviews (project_id, submission_id, revision_id, reviewer_id, decision, ratings, note)
SELECT r.project_id, r.submission_id, v.id, r.reviewer_id, 'approved', '{ratings}', ''
FROM reviews r JOIN revisions v ON v.submission_id = r.submission_id AND v.number = 2 WHERE r.submission_id = :id
"""
CURRENT = "UPDATE submissions SET current_revision = 2 WHERE id = :id"
GOOD = '{"helpful": 4}'
DAMAGE = {
    "no role": ("prompt_messages", '\'[{"content": "x"}]\'', GOOD),
    "a role that is none": ("prompt_messages", '\'[{"role": "tool", "content": "x"}]\'', GOOD),
    "a text that is a number": ("prompt_messages", '\'[{"role": "assistant", "content": 7}]\'', GOOD),
    "no turn": ("prompt_messages", "'[]'", GOOD),
    "no list": ("prompt_messages", '\'{"role": "assistant"}\'', GOOD),
    "null": ("prompt_messages", "'null'", GOOD),
    "a prompt that is text": ("'\"x\"'", "messages", GOOD),
    "a rating that is a word": ("prompt_messages", "messages", '{"helpful": "four"}'),
    "ratings that are a list": ("prompt_messages", "messages", "[4]"),
}


def damage(session: Session, submission: Submission, prompt: str, messages: str, ratings: str) -> None:
    """Break what is approved of a submission, as the owner of the database could."""
    submission_id = submission.id
    for statement in (
        BREAK_TEXT.format(prompt=prompt, messages=messages), DECIDE.replace("{ratings}", ratings), CURRENT
    ):  # fmt: skip
        session.connection().exec_driver_sql(statement.replace(":id", str(submission_id)))
    session.commit()


@pytest.mark.parametrize("how", DAMAGE.values(), ids=DAMAGE)
def test_a_damaged_row_is_named_and_nothing_is_published(
    cast: Cast, session: Session, how: tuple[str, str, str]
) -> None:  # R36
    broken = approve(session, cast, 3)[1].id
    damage(session, session.get_one(Submission, broken), *how)
    version = published(cast, session)
    assert (version.status, version.counts) == ("failed", {})
    assert version.failure.startswith(f"What is stored of submission {broken}, revision 2 is damaged")
    assert session.query(VersionRow).count() == 0
    page = cast.admin.get(f"/datasets/{version.dataset_id}")
    assert page.status_code == 200
    assert f"submission {broken}, revision 2" in page.text
    for path in ("review", "review/history", "prompts", "write", "datasets"):
        assert cast.reviewer.get(f"/projects/{cast.project.id}/{path}").status_code == 200


def test_once_it_is_mended_the_same_version_is_published(cast: Cast, session: Session) -> None:  # R36
    broken = approve(session, cast, 3)[1]
    damage(session, broken, "prompt_messages", "'[]'", GOOD)
    failed = published(cast, session)
    assert failed.status == "failed"
    session.execute(text("UPDATE submissions SET status = 'rejected' WHERE id = :id"), {"id": broken.id})
    session.commit()
    assert cast.admin.post(f"/versions/{failed.id}/try-again").status_code == 303
    do_jobs(session)
    now = newest(session, cast)
    assert (now.id, now.status, sum(now.counts.values())) == (failed.id, "published", 2)
