"""What was taken back leaves later versions of pairs, and earlier ones say so."""

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from app.datasets.models import Version
from app.preferences.models import ComparedResponse, ComparisonPrompt, ComparisonSet, PreferenceRow
from app.writing.models import Submission, SubmissionStatus
from tests.cast import Cast
from tests.datasets.questions import question
from tests.jobs import do_jobs
from tests.preferences.conftest import consented
from tests.preferences.publishing import compared, dataset, judged, publish
from tests.preferences.test_make import approved


def test_what_is_withdrawn_leaves_the_next_version_and_marks_this_one(cast: Cast, session: Session) -> None:
    assert cast.reviewer.user
    for number in range(1, 4):
        approved(cast, session, question(number), f"good {number}", f"bad {number}")
    answer = cast.admin.api(
        "POST", f"/api/v1/projects/{cast.project.id}/comparison-sets", name="People", people=True, check_every=0
    )
    made = session.get_one(ComparisonSet, answer.json()["id"])
    do_jobs(session)
    judged(session, made, "good", cast.reviewer.user)
    made_of = dataset(cast)
    version = publish(cast, session, made_of)
    assert version.total == 3
    gone = session.scalars(select(Submission.id).order_by(Submission.id)).first()
    session.execute(update(Submission).where(Submission.id == gone).values(status=SubmissionStatus.WITHDRAWN))
    session.commit()
    withdrawn = cast.admin.get(f"/api/v1/versions/{version.id}/withdrawn").json()
    held = session.execute(
        select(PreferenceRow.pair_id)
        .join(ComparedResponse, ComparedResponse.id.in_((PreferenceRow.chosen_id, PreferenceRow.rejected_id)))
        .where(ComparedResponse.submission_id == gone)
    ).scalar_one()
    assert [(one["id"], one["submission_id"]) for one in withdrawn["rows"]] == [(f"c{held}", gone)]
    assert "Superseded: 1 row was withdrawn since" in cast.admin.get(f"/versions/{version.id}").text
    assert publish(cast, session, made_of).total == 2


def test_pairs_on_a_prompt_whose_proposer_takes_their_consent_back_leave_the_next_version(
    cast: Cast, session: Session
) -> None:
    assert cast.reviewer.user
    pairs = [
        {"prompt": question(number), "chosen": f"good {number}", "rejected": "bad", "source": "ours", "licence": "MIT"}
        for number in range(1, 4)
    ]
    compared(cast, session, pairs)
    made_of = dataset(cast)
    assert publish(cast, session, made_of).total == 3
    first = select(ComparisonPrompt.prompt_id).order_by(ComparisonPrompt.id).limit(1)
    consented(cast, session, *session.scalars(first))
    cast.second_author.api("POST", f"/api/v1/projects/{cast.project.id}/consent/take-back")
    assert publish(cast, session, made_of).total == 2
    version_id = session.scalars(select(Version.id).order_by(Version.id)).first()
    told = cast.admin.get(f"/api/v1/versions/{version_id}/withdrawn").json()
    assert (told["dropped"], [row["submission_id"] for row in told["rows"]]) == (1, [0])
    assert "its question was taken back" in cast.admin.get(f"/versions/{version_id}/withdrawn").text
