"""A consent is taken back while a text is just being stored: it is withdrawn with the rest, or refused."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor, wait
from dataclasses import dataclass

import pytest
from sqlalchemy import select, text
from sqlalchemy.orm import Session, sessionmaker

from app.accounts.actor import Actor
from app.accounts.models import Role, User
from app.accounts.sign_ins import actor_for
from app.core.errors import DomainError
from app.projects.consents import accept
from app.prompts.models import Prompt, PromptStatus
from app.prompts.service import propose
from app.review import service
from app.review.models import Decision
from app.writing.consent import take_consent_back, unfinished, withdraw_next
from app.writing.models import Submission, SubmissionStatus
from tests import factories

Sessions = sessionmaker[Session]
WAITS = text(
    "SELECT 1 FROM pg_locks JOIN pg_database ON pg_database.oid = database "
    "WHERE datname = current_database() AND locktype = 'advisory' AND NOT granted"
)
RATINGS = {"helpful": 4, "correct": 5}


@dataclass(frozen=True)
class Agreed:
    """A reviewer who has accepted what a project asks, and a response of somebody else's that waits for them."""

    project_id: int
    person_id: int
    submission_id: int

    def actor(self, session: Session) -> Actor:
        """The reviewer, who does it all."""
        return actor_for(session, session.get_one(User, self.person_id))

    def propose(self, session: Session) -> None:
        """Suggest a prompt."""
        propose(session, self.actor(session), self.project_id, messages=factories.asked("Mine?"))

    def put_right(self, session: Session) -> None:
        """Approve the response in other words."""
        better, actor = factories.answered("It scatters."), self.actor(session)
        service.decide(
            session, actor, self.submission_id, Decision.APPROVED,
            revision=1, ratings=RATINGS, note="", edited=better,
        )  # fmt: skip

    def press(self, session: Session) -> None:
        """Take the consent back."""
        take_consent_back(session, self.actor(session), self.project_id)

    def withdraw(self, session: Session) -> None:
        """Do what the job does."""
        for consent_id in unfinished(session, self.project_id):
            while withdraw_next(session, consent_id):
                pass


@pytest.fixture
def agreed(own_sessions: Sessions) -> Agreed:
    """Stored for good."""
    with own_sessions.begin() as session:
        admin, author, reviewer = (factories.user(session, f"{name} Person") for name in ("Ada", "Ann", "Rob"))
        project = factories.project(session, admin, consent_text="Mine.")
        factories.member(session, project, author, Role.ANNOTATOR)
        factories.member(session, project, reviewer, Role.REVIEWER)
        accept(session, actor_for(session, reviewer), project.id)
        asked = factories.prompt(session, project, admin, status=PromptStatus.APPROVED)
        return Agreed(project.id, reviewer.id, factories.submission(session, asked, author, "It scaters.").id)


def meanwhile(sessions: Sessions, first: Callable[[Session], None], *then: Callable[[Session], None]) -> str:
    """While `first` is not stored yet, others go as far as they get; then all ends. With which error theirs did."""

    def others() -> None:
        for act in then:
            with sessions.begin() as session:
                act(session)

    with ThreadPoolExecutor(1) as pool, sessions() as slow:
        first(slow)
        quick = pool.submit(others)
        while not wait([quick], timeout=0.01).done and not slow.scalar(WAITS):
            pass
        slow.commit()
        refused = quick.exception()
    assert refused is None or isinstance(refused, DomainError), refused
    return refused.code if refused else ""


def test_a_prompt_that_is_just_being_proposed_is_turned_down_with_the_rest(
    agreed: Agreed, own_sessions: Sessions
) -> None:
    assert meanwhile(own_sessions, agreed.propose, agreed.press, agreed.withdraw) == ""
    with own_sessions() as session:
        theirs = select(Prompt.status).where(Prompt.author_id == agreed.person_id)
        assert session.scalars(theirs).all() == [PromptStatus.REJECTED]


def test_a_text_that_is_just_being_put_right_is_withdrawn_with_the_rest(agreed: Agreed, own_sessions: Sessions) -> None:
    assert meanwhile(own_sessions, agreed.put_right, agreed.press, agreed.withdraw) == ""
    with own_sessions() as session:
        assert session.get_one(Submission, agreed.submission_id).status is SubmissionStatus.WITHDRAWN


@pytest.mark.parametrize("act", [Agreed.propose, Agreed.put_right])
def test_what_comes_while_the_consent_is_just_being_taken_back_is_refused(
    agreed: Agreed, own_sessions: Sessions, act: Callable[[Agreed, Session], None]
) -> None:
    refused = meanwhile(own_sessions, agreed.press, lambda session: act(agreed, session))
    assert refused == "projects.consent_needed"
