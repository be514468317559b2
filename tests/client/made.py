"""What a site is given before a client asks: tokens, approved responses, published versions."""

from collections.abc import Sequence

from sqlalchemy import select

from app.accounts.sign_ins import actor_for
from app.accounts.tokens import create_token
from app.datasets.models import Dataset, Version
from app.datasets.service import create_dataset, publish
from app.projects.queries import current_guidelines
from app.prompts.models import Prompt, PromptStatus
from app.writing.models import Submission
from tests import factories
from tests.browser.site import Site
from tests.datasets.questions import question
from tests.jobs import work_off


def token_of(site: Site, scopes: Sequence[str]) -> str:
    """The secret of a fresh token of the administrator's."""
    with site.sessions.begin() as session:
        return create_token(session, actor_for(session, site.admin), name="Pull", scopes=list(scopes), days=9)[1]


def approved(site: Site, first: int, count: int, answer: str = "Answer number {}.") -> list[int]:
    """Ids of so many approved responses to new prompts."""
    made = []
    with site.sessions.begin() as session:
        for number in range(first, first + count):
            prompt = factories.prompt(session, site.project, site.admin, question(number), status=PromptStatus.APPROVED)
            submission = factories.submission(session, prompt, site.writer, answer.format(number))
            factories.review(session, submission, site.reviewer)
            made.append(submission.id)
    return made


def rewritten(site: Site, submission_id: int, answer: str) -> None:
    """One more approved revision of a response."""
    with site.sessions.begin() as session:
        submission = session.get_one(Submission, submission_id)
        number = submission.current_revision = submission.current_revision + 1
        prompt, rules = session.get_one(Prompt, submission.prompt_id), current_guidelines(session, site.project.id)
        factories.revision(session, submission, prompt, rules, number, answer)
        factories.review(session, submission, site.reviewer)


def published(site: Site, name: str = "Everything") -> Version:
    """The next version of the dataset of this name, made by a real worker."""
    with site.sessions.begin() as session:
        actor = actor_for(session, site.admin)
        known = select(Dataset.id).where(Dataset.project_id == site.project.id, Dataset.name == name)
        dataset_id = session.scalar(known) or create_dataset(session, actor, site.project.id, name=name).id
        version_id = publish(session, actor, dataset_id).id
    work_off(site.database_url, "default").join()
    with site.sessions() as session:
        version = session.get_one(Version, version_id)
        assert version.status.value == "published", version.failure
        return version


def open_prompt(site: Site) -> None:
    """One approved prompt that waits for a response."""
    with site.sessions.begin() as session:
        factories.prompt(session, site.project, site.admin, "How do I change my plan?", status=PromptStatus.APPROVED)
