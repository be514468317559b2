"""A new annotator writes a few responses that are read before the queue opens, or an admin opens it by hand."""

from typing import Any

import pytest
from sqlalchemy.orm import Session, sessionmaker

from app.accounts.models import Membership, Role, User
from app.accounts.sign_ins import actor_for
from app.core.errors import Conflict
from app.projects import service
from app.projects.models import Project
from app.prompts.models import PromptStatus
from app.writing.models import SubmissionStatus
from app.writing.qualifying import standing
from app.writing.service import hand_in, record_decision, save_draft, start_pair, take_next, withdraw
from tests import factories
from tests.cast import Cast, Client
from tests.projects.conftest import Forms
from tests.projects.races import at_once
from tests.world import people

ASKED, ANSWER = factories.asked("Why?"), factories.answered("So.")


@pytest.fixture
def newcomer(cast: Cast, session: Session) -> Client:
    """The rule asks for two responses; the newcomer joined after it was turned on. Prompts wait."""
    service.change_settings(session, cast.admin.actor, cast.project.id, qualification=2)
    person = factories.user(session, "Nora New")
    service.add_member(session, cast.admin.actor, cast.project.id, user_id=person.id, role=Role.ANNOTATOR)
    for number in range(5):
        ready = PromptStatus.APPROVED
        factories.prompt(session, cast.project, people(cast.admin), f"Question {number}?", status=ready, slots=3)
    session.commit()
    return Client(cast.author.app, person, session)  # type: ignore[arg-type]


def written(session: Session, client: Client, cast: Cast) -> int:
    """Somebody hands in the next response: the submission's id."""
    taken = take_next(session, client.actor, cast.project.id)
    assert taken
    saved = save_draft(session, client.actor, taken.id, messages=ANSWER, revision=0)
    handed_in = hand_in(session, client.actor, taken.id, draft_revision=saved.revision)
    session.commit()
    return handed_in.id


def decide(session: Session, cast: Cast, submission_id: int, status: SubmissionStatus) -> None:
    """A decision is carried out."""
    record_decision(session, submission_id, revision=1, status=status, decided_by=people(cast.reviewer).id)
    session.commit()


def qualified_at(session: Session, cast: Cast, client: Client) -> Any:
    """Since when somebody is qualified, as stored."""
    found = session.get(Membership, (cast.project.id, people(client).id), populate_existing=True)
    assert found
    return found.qualified_at


def test_the_queue_opens_when_all_first_responses_are_approved(
    newcomer: Client, cast: Cast, forms: Forms, here: str, session: Session
) -> None:
    first, second = written(session, newcomer, cast), written(session, newcomer, cast)
    refusal = newcomer.api("POST", f"/api/v1{here}/assignments")
    assert (refusal.status_code, refusal.json()["type"]) == (409, "/errors/writing.calibrating")
    assert (refusal.json()["handed_in"], refusal.json()["approved"]) == (2, 0)
    assert "Your first responses are being read" in forms.post(newcomer, f"{here}/write/next").text
    decide(session, cast, first, SubmissionStatus.APPROVED)
    page = newcomer.get(f"{here}/write").text
    assert "1 of 2 approved" in page
    assert "are with the reviewers" in page
    assert newcomer.api("POST", f"/api/v1{here}/assignments").status_code == 409
    decide(session, cast, second, SubmissionStatus.APPROVED)
    assert qualified_at(session, cast, newcomer)
    assert newcomer.api("POST", f"/api/v1{here}/assignments").status_code == 201
    assert "of 2 approved" not in newcomer.get(f"{here}/write").text


def test_the_page_and_the_api_say_where_a_writer_stands(
    newcomer: Client, cast: Cast, here: str, session: Session
) -> None:
    assert "0 of 2 approved" in newcomer.get(f"{here}/write").text
    written(session, newcomer, cast)
    stands = newcomer.get(f"/api/v1{here}/standing").json()
    assert stands == {"qualified": False, "handed_in": 1, "approved": 0, "wanted": 2}
    assert newcomer.get(f"/api/v1{here}/standing").json() == stands
    assert cast.reviewer.get(f"/api/v1{here}/standing").json()["qualified"]


@pytest.mark.parametrize("end", ["rejected", "withdrawn"])
def test_a_response_that_was_turned_down_makes_room_for_another(
    newcomer: Client, cast: Cast, here: str, session: Session, end: str
) -> None:
    first = written(session, newcomer, cast)
    written(session, newcomer, cast)
    if end == "rejected":
        decide(session, cast, first, SubmissionStatus.REJECTED)
    else:
        withdraw(session, newcomer.actor, first)
        session.commit()
    assert newcomer.api("POST", f"/api/v1{here}/assignments").status_code == 201


def test_a_response_to_be_mended_is_handed_in_again_and_counts_once(
    newcomer: Client, cast: Cast, session: Session
) -> None:
    first = written(session, newcomer, cast)
    written(session, newcomer, cast)
    decide(session, cast, first, SubmissionStatus.CHANGES_REQUESTED)
    assert standing(session, newcomer.actor, cast.project).handed_in == 2
    from_first = session.connection().exec_driver_sql(f"SELECT assignment_id FROM submissions WHERE id = {first}")
    assignment_id = from_first.scalar_one()
    better = factories.answered("So, because.")
    saved = save_draft(session, newcomer.actor, assignment_id, messages=better, revision=1)
    again = hand_in(session, newcomer.actor, assignment_id, draft_revision=saved.revision)
    assert again.current_revision == 2


def test_what_was_begun_counts_too_and_pairs_do_not_lead_around_it(
    newcomer: Client, cast: Cast, session: Session
) -> None:
    actor, project = newcomer.actor, cast.project.id
    taken = take_next(session, actor, project)
    assert taken
    save_draft(session, actor, taken.id, messages=ANSWER, revision=0)
    pair = start_pair(session, actor, project)
    save_draft(session, actor, pair.id, prompt_messages=ASKED, messages=ANSWER, revision=0)
    with pytest.raises(Conflict, match="calibrating"):
        take_next(session, actor, project)
    with pytest.raises(Conflict, match="calibrating"):
        start_pair(session, actor, project)
    assert hand_in(session, actor, taken.id, draft_revision=1).current_revision == 1
    assert hand_in(session, actor, pair.id, draft_revision=1).current_revision == 1


def test_reviewers_see_that_a_response_is_a_calibration(
    newcomer: Client, cast: Cast, forms: Forms, here: str, session: Session
) -> None:
    first, second = written(session, newcomer, cast), written(session, newcomer, cast)
    decide(session, cast, first, SubmissionStatus.APPROVED)
    forms.post(cast.reviewer, f"{here}/review/next")
    shown = cast.reviewer.get(f"{here}/review").text
    assert "A calibration response: 1 of its writer’s first 2 are approved" in shown
    decide(session, cast, second, SubmissionStatus.APPROVED)


def test_an_admin_opens_the_queue_by_hand_once(
    newcomer: Client, cast: Cast, forms: Forms, here: str, session: Session
) -> None:
    person = f"{here}/members/{people(newcomer).id}/qualify"
    assert "not qualified yet" in cast.admin.get(f"{here}/members").text
    assert forms.post(cast.reviewer, person).status_code == 403
    assert forms.post(newcomer, person).status_code == 403
    assert forms.post(cast.admin, person).status_code == 303
    assert "not qualified yet" not in cast.admin.get(f"{here}/members").text
    assert cast.admin.api("POST", f"/api/v1{person}").json()["type"] == "/errors/projects.already_qualified"
    for _ in range(3):
        written(session, newcomer, cast)
    assert cast.admin.api("POST", f"/api/v1{here}/members/999999/qualify").status_code == 404


def test_who_was_there_before_the_rule_is_qualified(newcomer: Client, cast: Cast, session: Session) -> None:
    assert qualified_at(session, cast, cast.author)
    for _ in range(3):
        written(session, cast.author, cast)


def test_a_rule_that_asks_for_more_does_not_shut_out_who_is_qualified(
    newcomer: Client, cast: Cast, here: str, session: Session
) -> None:
    for _ in range(2):
        decide(session, cast, written(session, newcomer, cast), SubmissionStatus.APPROVED)
    service.change_settings(session, cast.admin.actor, cast.project.id, qualification=5)
    session.commit()
    assert newcomer.get(f"/api/v1{here}/standing").json()["qualified"]


def test_a_rule_that_asks_for_less_or_nothing_opens_the_queue(
    newcomer: Client, cast: Cast, here: str, session: Session
) -> None:
    decide(session, cast, written(session, newcomer, cast), SubmissionStatus.APPROVED)
    written(session, newcomer, cast)
    service.change_settings(session, cast.admin.actor, cast.project.id, qualification=1)
    session.commit()
    written(session, newcomer, cast)
    service.change_settings(session, cast.admin.actor, cast.project.id, qualification=0)
    session.commit()
    assert newcomer.get(f"/api/v1{here}/standing").json()["qualified"]


def test_reviewers_and_admins_need_no_calibration_nor_do_they_as_annotators_later(
    newcomer: Client, cast: Cast, session: Session
) -> None:
    person = people(newcomer).id
    service.set_role(session, cast.admin.actor, cast.project.id, user_id=person, role=Role.REVIEWER)
    service.set_role(session, cast.admin.actor, cast.project.id, user_id=person, role=Role.ANNOTATOR)
    session.commit()
    for _ in range(3):
        written(session, newcomer, cast)


class Site:
    """A project that asks for calibration, its admin and a new writer, in a database where transactions commit."""

    def __init__(self, sessions: sessionmaker[Session], *, qualification: int) -> None:
        self.sessions = sessions
        with sessions.begin() as session:
            self.admin = factories.user(session, "Ada Admin")
            self.project = factories.project(session, self.admin, qualification=qualification)
            self.writer = factories.user(session, "Nora New")
            factories.member(session, self.project, self.writer, Role.ANNOTATOR)

    def drafts(self, count: int) -> list[int]:
        """So many drafts of the writer's, ready to be handed in."""
        with self.sessions.begin() as session:
            ready = [
                factories.prompt(session, self.project, self.admin, f"Question {at}?", status=PromptStatus.APPROVED)
                for at in range(count)
            ]
            return [factories.assignment(session, prompt, self.writer, "So.").id for prompt in ready]

    def standing(self) -> Any:
        """Where the writer stands."""
        with self.sessions() as session:
            project = session.get_one(Project, self.project.id)
            return standing(session, actor_for(session, session.get_one(User, self.writer.id)), project)


def test_two_tabs_cannot_hand_in_more_than_there_is_room_for(own_sessions: sessionmaker[Session]) -> None:
    site = Site(own_sessions, qualification=2)

    def handing_in(draft: int) -> Any:
        return lambda session: hand_in(session, actor_for(session, site.writer), draft, draft_revision=1)

    refused = at_once(own_sessions, *[handing_in(draft) for draft in site.drafts(4)])
    assert [error.code for error in refused] == ["writing.calibrating"] * 2
    assert site.standing().handed_in == 2


def test_the_last_two_approvals_at_once_open_the_queue(own_sessions: sessionmaker[Session]) -> None:
    site = Site(own_sessions, qualification=2)
    handed_in = []
    for draft in site.drafts(2):
        with own_sessions.begin() as session:
            handed_in.append(hand_in(session, actor_for(session, site.writer), draft, draft_revision=1).id)
    by, approved = site.admin.id, SubmissionStatus.APPROVED

    def approving(one: int) -> Any:
        return lambda session: record_decision(session, one, revision=1, status=approved, decided_by=by)

    assert at_once(own_sessions, *[approving(one) for one in handed_in]) == []
    with own_sessions() as session:
        member = session.get(Membership, (site.project.id, site.writer.id))
        assert member
        assert member.qualified_at
