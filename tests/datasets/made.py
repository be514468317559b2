"""Approved responses and published versions, made in a line."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.datasets.models import Dataset, Version
from app.projects.models import Category
from app.prompts.models import PromptStatus
from app.writing.models import Submission
from tests import factories
from tests.cast import Cast
from tests.datasets.questions import question
from tests.jobs import do_jobs


def approve(session: Session, cast: Cast, count: int, *, first: int = 1, text: str = "") -> list[Submission]:
    """Approved responses to as many prompts, by both writers in turn, in both categories in turn."""
    assert cast.author.user
    assert cast.second_author.user
    assert cast.reviewer.user
    categories = session.scalars(
        select(Category).where(Category.project_id == cast.project.id).order_by(Category.name)
    ).all()
    made = []
    for number in range(first, first + count):
        writer = (cast.author.user, cast.second_author.user)[number % 2]
        prompt = factories.prompt(
            session,
            cast.project,
            cast.admin.user,  # type: ignore[arg-type]  # everybody of the cast but the visitor is somebody
            text or question(number),
            category_id=categories[number % 2].id,
            status=PromptStatus.APPROVED,
            licence="CC BY 4.0",
            source="ours",
        )
        submission = factories.submission(session, prompt, writer, f"Answer number {number}.")
        factories.review(session, submission, cast.reviewer.user)
        made.append(submission)
    session.commit()
    return made


def approve_twenty(session: Session, cast: Cast) -> None:
    """Twenty approved responses."""
    approve(session, cast, 20)


def publish_twenty(session: Session, cast: Cast) -> None:
    """Twenty approved responses, and version 1 of them."""
    approve(session, cast, 20)
    published(cast, session)


def dataset(cast: Cast, session: Session, name: str = "Everything", **rule: str) -> Dataset:
    """The dataset of this name, made through the page's form if there is none."""
    found = select(Dataset).where(Dataset.project_id == cast.project.id, Dataset.name == name)
    if (known := session.scalar(found)) is not None:
        return known
    answer = cast.admin.post(f"/projects/{cast.project.id}/datasets", data={"name": name, **rule})
    assert answer.status_code == 303, answer.text
    return session.scalars(found).one()


def published(cast: Cast, session: Session, name: str = "Everything", **rule: str) -> Version:
    """The next version, asked for on the page and made by the job."""
    answer = cast.admin.post(f"/datasets/{dataset(cast, session, name, **rule).id}/publish")
    assert answer.status_code == 303, answer.text
    do_jobs(session)
    return newest(session, cast, name)


def newest(session: Session, cast: Cast, name: str = "Everything") -> Version:
    """The newest version of a dataset, whatever its state."""
    session.expire_all()
    of_it = select(Version).join(Dataset).where(Dataset.project_id == cast.project.id, Dataset.name == name)
    return session.scalars(of_it.order_by(Version.number.desc()).limit(1)).one()
