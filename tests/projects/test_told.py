"""Members are told of guidelines, of wordings, of the queue that opens, of work handed to them; not once they left."""

from functools import partial

from sqlalchemy.orm import Session

from app.accounts.models import Role
from app.projects import service, wordings
from app.projects.qualifying import qualify
from app.prompts.models import PromptStatus
from app.writing.handover import hand_over
from app.writing.models import SubmissionStatus
from tests import factories
from tests.cast import Cast, Client
from tests.notices import told
from tests.projects.test_qualify import decide, newcomer, written
from tests.world import people

__all__ = ["newcomer"]  # the fixture


def test_every_other_member_hears_of_new_guidelines_until_they_leave(cast: Cast, session: Session) -> None:
    service.revise_guidelines(session, cast.admin.actor, cast.project.id, text="Be kind.", rubric=factories.RUBRIC)
    for member in (cast.author, cast.second_author, cast.reviewer):
        assert told(session, member) == ["guidelines_revised"]
    assert told(session, cast.admin) == told(session, cast.outsider) == []
    service.remove_member(session, cast.admin.actor, cast.project.id, user_id=people(cast.author).id)
    assert told(session, cast.author) == []


def test_admins_hear_of_a_wording_and_its_reviewer_of_what_becomes_of_it(cast: Cast, session: Session) -> None:
    propose = partial(wordings.propose, session, cast.reviewer.actor, cast.project.id, version=1, reason="")
    first, second = (propose(heading="Be helpful", text=f"# Be helpful\n\nBe {how}.\n") for how in ("kind", "brief"))
    assert told(session, cast.admin) == ["wording_proposed"]
    assert told(session, cast.author) == told(session, cast.reviewer) == told(session, cast.outsider) == []
    wordings.take_over(session, cast.admin.actor, cast.project.id, first.id)
    wordings.decline(session, cast.admin.actor, cast.project.id, second.id)
    assert sorted(told(session, cast.reviewer)) == ["wording_declined", "wording_taken"]
    assert told(session, cast.author) == []


def test_a_newcomer_hears_that_the_queue_is_open_whether_by_approvals_or_by_hand(
    cast: Cast, session: Session, newcomer: Client
) -> None:
    for _ in range(2):
        decide(session, cast, written(session, newcomer, cast), SubmissionStatus.APPROVED)
    person = factories.user(session, "Nils New")
    service.add_member(session, cast.admin.actor, cast.project.id, user_id=person.id, role=Role.ANNOTATOR)
    other = Client(cast.author.app, person, session)  # type: ignore[arg-type]
    qualify(session, cast.admin.actor, cast.project.id, user_id=person.id)
    assert told(session, newcomer) == told(session, other) == ["qualified"]


def test_who_is_handed_work_hears_of_it(cast: Cast, session: Session) -> None:
    prompt = factories.prompt(session, cast.project, people(cast.admin), status=PromptStatus.APPROVED)
    draft = factories.assignment(session, prompt, people(cast.author))
    made = hand_over(session, cast.admin.actor, draft.id, to=people(cast.second_author).id)
    assert told(session, cast.second_author) == ["handed_over"]
    assert told(session, cast.author) == []
    session.commit()
    assert f"/write/{made.id}" in str(cast.second_author.get(f"/write/{made.id}").url)
