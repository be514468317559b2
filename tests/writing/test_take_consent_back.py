"""A contributor takes their consent back in one act, and nothing that holds a text of theirs is used any more."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import func, select, text, update
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session, sessionmaker

from app.accounts.models import Role
from app.accounts.sign_ins import actor_for
from app.core.audit import AuditEntry
from app.core.jobs import job_session
from app.datasets.models import VersionRow
from app.projects import consents, service
from app.projects.models import ConsentTakenBack
from app.prompts.models import Prompt, PromptStatus, Slot
from app.prompts.no_longer_used import lost_consent
from app.review.deciding import held
from app.review.deciding.wishes import Wish
from app.review.models import Decision, HeldDecision
from app.writing import consent
from app.writing.consent import take_consent_back, withdraw_next
from app.writing.models import Revision, Submission, SubmissionStatus
from app.writing.service import add_edited_revision, record_decision, write_pair
from tests import factories
from tests.cast import Cast, Client
from tests.datasets.made import approve, published
from tests.jobs import do_jobs
from tests.notices import told
from tests.world import people
from tests.writing import work

LATER = datetime(2999, 1, 1, tzinfo=UTC)
TERMS = "I wrote this myself."


@pytest.fixture
def agreed(cast: Cast, session: Session) -> Cast:
    """The project asks for consent, and both writers and the reviewer have given theirs."""
    service.change_settings(session, cast.admin.actor, cast.project.id, consent_text=TERMS, licence="CC0-1.0")
    for person in (cast.author, cast.second_author, cast.reviewer):
        consents.accept(session, person.actor, cast.project.id)
    session.commit()
    return cast


def take_back(client: Client, cast: Cast) -> int:
    """Somebody takes back their consent by the API: the answer's status."""
    return int(client.api("POST", f"/api/v1/projects/{cast.project.id}/consent/take-back").status_code)


def by(session: Session, client: Client) -> set[SubmissionStatus]:
    """In which states is what this person wrote?"""
    session.expire_all()
    return set(session.scalars(select(Submission.status).where(Submission.author_id == work.me(client))))


def test_all_that_they_wrote_is_withdrawn_by_a_job_and_nothing_of_others(agreed: Cast, session: Session) -> None:
    approve(session, agreed, 4)
    assert take_back(agreed.author, agreed) == 202
    assert by(session, agreed.author) == {SubmissionStatus.APPROVED}, "a job does it"
    assert "writing.withdraw_all" in do_jobs(session)
    assert by(session, agreed.author) == {SubmissionStatus.WITHDRAWN}
    assert by(session, agreed.second_author) == {SubmissionStatus.APPROVED}


def test_what_was_rejected_stays_and_what_waits_or_is_to_be_mended_goes(agreed: Cast, session: Session) -> None:
    states = [SubmissionStatus.SUBMITTED, SubmissionStatus.CHANGES_REQUESTED, SubmissionStatus.REJECTED]
    author, reviewer, admin = map(people, (agreed.author, agreed.reviewer, agreed.admin))
    for state in states:
        asked = factories.prompt(session, agreed.project, admin, f"{state}?", status=PromptStatus.APPROVED)
        made = factories.submission(session, asked, author)
        if state is not SubmissionStatus.SUBMITTED:
            record_decision(session, made.id, revision=1, status=state, decided_by=reviewer.id)
    session.commit()
    take_back(agreed.author, agreed)
    do_jobs(session)
    assert by(session, agreed.author) == {SubmissionStatus.WITHDRAWN, SubmissionStatus.REJECTED}


def test_a_later_version_leaves_the_rows_out_and_a_published_one_says_which_to_drop(
    agreed: Cast, session: Session
) -> None:
    approve(session, agreed, 6)
    first = published(agreed, session)
    take_back(agreed.author, agreed)
    second = published(agreed, session)
    theirs = set(session.scalars(select(Submission.id).where(Submission.author_id == work.me(agreed.author))))
    held = select(VersionRow.submission_id).where(VersionRow.version_id == second.id)
    assert set(session.scalars(held)) & theirs == set()
    answer = agreed.admin.get(f"/api/v1/versions/{first.id}/withdrawn").json()
    assert {row["submission_id"] for row in answer["rows"]} == theirs


def test_a_version_asked_for_right_after_waits_until_all_is_withdrawn(
    agreed: Cast, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(consent, "AT_ONCE", 1)
    approve(session, agreed, 6)
    agreed.admin.post(f"/projects/{agreed.project.id}/datasets", data={"name": "Everything"})
    agreed.admin.post(f"/datasets/{dataset_id(agreed)}/publish")  # its job stands before the one that withdraws
    take_back(agreed.author, agreed)
    do_jobs(session)
    theirs = select(Submission.id).where(Submission.author_id == work.me(agreed.author))
    assert not session.scalars(select(VersionRow.version_id).where(VersionRow.submission_id.in_(theirs))).all()


def dataset_id(cast: Cast) -> int:
    """The only dataset."""
    return int(cast.admin.get(f"/api/v1/projects/{cast.project.id}/datasets").json()["datasets"][0]["id"])


def test_prompts_that_they_asked_and_what_they_put_right_go_with_the_responses_of_others(
    agreed: Cast, session: Session
) -> None:
    author, second, reviewer, admin = map(people, (agreed.author, agreed.second_author, agreed.reviewer, agreed.admin))
    asked = factories.prompt(session, agreed.project, author, "Mine?", status=PromptStatus.APPROVED)
    factories.review(session, factories.submission(session, asked, second), reviewer)
    other = factories.prompt(session, agreed.project, admin, "Not mine?", status=PromptStatus.APPROVED)
    kept = factories.submission(session, other, second)
    session.commit()
    take_back(agreed.author, agreed)
    do_jobs(session)
    session.expire_all()
    assert session.get_one(Prompt, asked.id).status is PromptStatus.REJECTED
    assert by(session, agreed.second_author) == {SubmissionStatus.WITHDRAWN, SubmissionStatus.SUBMITTED}
    assert told(session, agreed.second_author) == ["response_lost_consent"]

    seen = session.scalars(select(Revision).where(Revision.submission_id == kept.id)).one()
    add_edited_revision(session, seen, messages=factories.answered("Put right."), by=reviewer.id)
    session.commit()
    take_back(agreed.reviewer, agreed)
    do_jobs(session)
    assert by(session, agreed.second_author) == {SubmissionStatus.WITHDRAWN}


def test_killed_in_between_the_next_try_goes_on_and_counts_each_once(
    agreed: Cast, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(consent, "AT_ONCE", 2)
    approve(session, agreed, 10)
    take_back(agreed.author, agreed)
    given = session.scalars(select(ConsentTakenBack)).one()
    with job_session() as some:
        assert withdraw_next(some, given.consent_id)
    page = agreed.author.get(f"/projects/{agreed.project.id}/consent/state").text
    assert "2 responses are withdrawn so far" in page
    do_jobs(session)
    session.expire_all()
    assert (given.withdrawn, given.finished_at is not None) == (5, True)
    entries = select(AuditEntry.action, AuditEntry.details).where(AuditEntry.action.like("%consent%"))
    acts = [action for action, _ in session.execute(entries.order_by(AuditEntry.id))]
    assert acts[3] == "projects.consent_taken_back"
    assert acts.count("writing.withdrawn_with_consent") == 5
    assert acts[-1] == "writing.consent_carried_out"
    assert "5 responses are withdrawn, since" in agreed.author.get(f"/projects/{agreed.project.id}/consent").text


def test_nothing_is_offered_or_taken_until_they_accept_again_and_their_draft_waits(
    agreed: Cast, session: Session
) -> None:
    work.ask(session, agreed)
    taken = work.take(agreed.author, agreed)
    work.save(agreed.author, taken, "Half a thought")
    take_back(agreed.author, agreed)
    do_jobs(session)
    for path, body in (("assignments", {}), ("prompts", {"prompt": "Why?"})):
        answer = agreed.author.api("POST", f"/api/v1/projects/{agreed.project.id}/{path}", **body)
        assert answer.json()["type"] == "/errors/projects.consent_needed"
    assert work.hand_in(agreed.author, taken, 1).json()["type"] == "/errors/projects.consent_needed"
    assert session.scalars(select(Slot.lease_holder_id)).all() == [None], "another writer is given the prompt"
    mark = agreed.author.get(f"/api/v1/projects/{agreed.project.id}/consent").json()["mark"]
    agreed.author.api("POST", f"/api/v1/projects/{agreed.project.id}/consent", shown=mark)
    assert work.hand_in(agreed.author, taken, 1).status_code == 201
    assert take_back(agreed.author, agreed) == 202
    do_jobs(session)
    assert by(session, agreed.author) == {SubmissionStatus.WITHDRAWN}


def test_nothing_is_accepted_anew_until_all_is_withdrawn_so_that_later_texts_stay(
    agreed: Cast, session: Session
) -> None:
    approve(session, agreed, 2)
    here = f"/projects/{agreed.project.id}/consent"
    mark = agreed.author.get(f"/api/v1{here}").json()["mark"]
    take_back(agreed.author, agreed)
    early = agreed.author.api("POST", f"/api/v1{here}", shown=mark)
    assert (early.status_code, early.json()["type"]) == (409, "/errors/projects.still_withdrawing")
    page = agreed.author.get(here).text
    assert ("I accept" in page, "once all is withdrawn" in page) == (False, True)
    do_jobs(session)
    assert agreed.author.get(f"{here}/state").headers["HX-Refresh"] == "true"
    assert "I accept" in agreed.author.get(here).text
    assert agreed.author.api("POST", f"/api/v1{here}", shown=mark).status_code == 200
    work.ask(session, agreed, "And now?")
    new = work.written(agreed.author, agreed, "So.")
    do_jobs(session)
    assert agreed.author.get(f"/api/v1/submissions/{new['id']}").json()["status"] == "submitted"


def test_where_nothing_is_asked_any_more_they_wait_all_the_same(agreed: Cast, session: Session) -> None:
    for asked in ("One?", "Two?"):
        work.ask(session, agreed, asked)
    take_back(agreed.author, agreed)
    service.change_settings(session, agreed.admin.actor, agreed.project.id, consent_text="")
    session.commit()
    address = f"/api/v1/projects/{agreed.project.id}/assignments"
    assert agreed.author.api("POST", address).json()["type"] == "/errors/projects.still_withdrawing"
    assert agreed.second_author.api("POST", address).status_code == 201
    do_jobs(session)
    assert agreed.author.api("POST", address).status_code == 201


def test_nothing_that_was_begun_before_is_handed_in_while_the_rest_is_withdrawn(agreed: Cast, session: Session) -> None:
    for asked in ("One?", "Two?"):
        work.ask(session, agreed, asked)
    work.written(agreed.author, agreed, "So.")
    begun = work.take(agreed.author, agreed)
    work.save(agreed.author, begun, "Because")
    take_back(agreed.author, agreed)
    service.change_settings(session, agreed.admin.actor, agreed.project.id, consent_text="")
    session.commit()
    assert work.save(agreed.author, begun, "Because.", revision=1).json()["held"]
    answer = work.hand_in(agreed.author, begun, 2)
    assert (answer.status_code, answer.json()["type"]) == (409, "/errors/projects.still_withdrawing")
    do_jobs(session)
    assert work.hand_in(agreed.author, begun, 2).status_code == 201


def test_what_was_proposed_under_a_new_consent_and_rejected_has_not_lost_it(agreed: Cast, session: Session) -> None:
    author = people(agreed.author)
    old = factories.prompt(session, agreed.project, author, "Old?", status=PromptStatus.APPROVED)
    session.commit()
    take_back(agreed.author, agreed)
    do_jobs(session)
    factories.prompt(session, agreed.project, author, "New?", status=PromptStatus.REJECTED).created_at = LATER
    session.commit()
    assert session.scalars(select(Prompt.id).where(lost_consent())).all() == [old.id]


def test_who_was_writing_on_a_prompt_of_theirs_is_told_and_has_not_skipped_it(agreed: Cast, session: Session) -> None:
    factories.prompt(session, agreed.project, people(agreed.author), "Mine?", status=PromptStatus.APPROVED)
    session.commit()
    taken = work.take(agreed.second_author, agreed)
    work.save(agreed.second_author, taken, "Half a thought")
    take_back(agreed.author, agreed)
    do_jobs(session)
    assert told(session, agreed.second_author) == ["draft_lost_consent"]
    late = work.save(agreed.second_author, taken, "A whole thought", revision=1).json()
    assert late["type"] == "/errors/writing.prompt_lost_consent"
    assert "Your draft is kept" in late["detail"]
    led_to = agreed.second_author.get(f"/write/{taken}").headers["location"]
    assert "This prompt may no longer be used" in agreed.second_author.get(led_to).text
    skip = agreed.second_author.api("POST", f"/api/v1/assignments/{taken}/skip", reason="Hm.").json()
    assert skip["type"] == "/errors/writing.prompt_lost_consent"


def test_a_pair_under_way_by_the_api_is_stored_before_and_withdrawn_too(own_sessions: sessionmaker[Session]) -> None:
    with own_sessions.begin() as session:
        project = factories.project(session, factories.user(session, "Ada Admin"), consent_text=TERMS)
        writer = factories.user(session, "Ann Author")
        factories.member(session, project, writer, Role.ANNOTATOR)
        actor = actor_for(session, writer)
        consents.accept(session, actor, project.id)
    asked, answer = factories.asked("Why?"), factories.answered("So.")
    with own_sessions.begin() as writing:
        made = write_pair(writing, actor, project.id, prompt_messages=asked, messages=answer)
        with own_sessions() as other:
            other.execute(text("SET LOCAL lock_timeout = '100ms'"))
            with pytest.raises(OperationalError, match="lock timeout"):
                take_consent_back(other, actor, project.id)
    with own_sessions.begin() as session:
        taken = take_consent_back(session, actor, project.id)
        while withdraw_next(session, taken.consent_id):
            pass
        assert session.get_one(Submission, made.id).status is SubmissionStatus.WITHDRAWN


def test_twice_is_once_and_who_accepted_nothing_hears_so(agreed: Cast, session: Session) -> None:
    approve(session, agreed, 2)
    assert [take_back(agreed.author, agreed) for _ in range(2)] == [202, 202]
    assert do_jobs(session).count("writing.withdraw_all") == 1
    answer = agreed.admin.api("POST", f"/api/v1/projects/{agreed.project.id}/consent/take-back")
    assert (answer.status_code, answer.json()["type"]) == (409, "/errors/projects.no_consent_given")
    assert take_back(agreed.outsider, agreed) == 404


def test_a_decision_that_is_held_comes_to_nothing(agreed: Cast, session: Session) -> None:
    waiting = factories.submission(session, work.ask(session, agreed), people(agreed.author))
    wish = Wish(Decision.REJECTED, 1, {"helpful": 4, "correct": 5}, "No.")
    assert held.decide(session, agreed.reviewer.actor, waiting.id, wish, seconds=10) is None
    take_back(agreed.author, agreed)
    do_jobs(session)
    session.execute(update(HeldDecision).values(settles_at=func.now() - timedelta(seconds=1)))
    session.commit()
    held.settle(session, waiting.id)
    assert by(session, agreed.author) == {SubmissionStatus.WITHDRAWN}
    assert not session.scalars(select(HeldDecision.submission_id)).all()


def test_an_admin_does_it_for_a_member_who_reads_why_and_nobody_else_may(agreed: Cast, session: Session) -> None:
    made = approve(session, agreed, 1)[0]  # by the second writer
    person = work.me(agreed.second_author)
    here = f"/projects/{agreed.project.id}/consents"
    for somebody, status in ((agreed.reviewer, 403), (agreed.author, 403), (agreed.outsider, 404)):
        assert somebody.api("POST", f"/api/v1{here}/{person}/take-back", reason="So.").status_code == status
    data = {"user_id": work.me(agreed.admin), "reason": "She asked me on the telephone."}
    assert agreed.admin.post(f"{here}/{person}/take-back", data=data).status_code == 303
    do_jobs(session)
    assert told(session, agreed.second_author) == ["consent_taken_back"]
    assert "on the telephone" in agreed.second_author.get(f"/submissions/{made.id}").text
    listed = agreed.admin.get(f"/api/v1{here}").json()["accepted"][0]["by"]
    assert [one["user_id"] for one in listed if one["taken_back_at"]] == [person]
    assert "have yet to accept" in agreed.admin.get(here).text


def test_on_the_page_one_press_takes_it_back_and_says_what_that_means(agreed: Cast, session: Session) -> None:
    here = f"/projects/{agreed.project.id}/consent"
    page = agreed.author.get(here).text
    assert "Nothing that you wrote here is used any more" in page
    answer = agreed.author.post(f"{here}/take-back", data={"user_id": work.me(agreed.author)})
    assert (answer.status_code, answer.headers["location"]) == (303, here)
    do_jobs(session)
    assert "Accept it anew before you go on writing" in agreed.author.get(here).text
    other = agreed.second_author.post(f"{here}/take-back", data={"user_id": work.me(agreed.author)})
    assert other.status_code == 409, "a form that was drawn for somebody else"


def test_what_was_taken_back_is_no_consent_in_the_manifest(agreed: Cast, session: Session) -> None:
    take_back(agreed.author, agreed)
    session.expire_all()
    accepted = consents.terms_accepted(session, agreed.project.id)
    assert accepted == {(TERMS, "CC0-1.0"): frozenset({work.me(agreed.second_author), work.me(agreed.reviewer)})}
