"""One of everything in each of two projects, for tests that knock at every door with every id."""

import json
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from tempfile import NamedTemporaryFile

from sqlalchemy import func, select, text, update
from sqlalchemy.orm import Session

from app.accounts.models import ApiToken, Notice, Role, SignIn, User
from app.accounts.notices import tell
from app.accounts.sign_ins import actor_for, open_sign_in
from app.accounts.tokens import create_token
from app.core.database import Base
from app.core.jobs import enqueue
from app.core.storage import Storage
from app.datasets.contamination import benchmarks
from app.datasets.formats.asked import ask_for_format
from app.datasets.models import DatasetKind, Version, VersionRow
from app.datasets.service import create_dataset, publish
from app.preferences.desk import take_next
from app.preferences.lines import checked
from app.preferences.making.sets import Wish
from app.preferences.models import ComparisonPair
from app.preferences.ranking.desk import take_ranking
from app.projects.models import Category, Project, Wording
from app.projects.queries import current_guidelines
from app.prompts.models import PromptStatus
from app.review.desk.sheets import seal
from app.review.models import Phrase
from app.training.artefacts import model_key
from app.training.base_models import TINY
from app.training.models import Report, RunStatus
from app.training.service import start_run
from tests import factories
from tests.cast import Cast, Client
from tests.jobs import do_jobs
from tests.knocking import PAIR
from tests.preferences.publishing import filled_set, listed
from tests.training.made import first_of, kind

Ids = Mapping[str, int | str]
Undone = Callable[..., AbstractContextManager[None]]


@dataclass(frozen=True)
class World:
    """The ids of project P of the cast, and of project Q, by the names that they have in addresses."""

    p: Ids
    q: Ids


def furnish(cast: Cast, session: Session, storage: Storage) -> World:
    """P: the author's texts, decided on by the reviewer. Q: everything is the outsider's."""
    p = furnish_project(session, storage, cast.project, people(cast.admin), people(cast.author), people(cast.reviewer))
    outsider = people(cast.outsider)
    q = furnish_project(session, storage, cast.other_project, outsider, outsider, outsider)
    for who in cast.everybody:
        if who.user:
            session.refresh(who.user)  # the jobs let go of them
    _lease_for_a_day(session)
    session.commit()
    return World(p, q)


def sealed(world: World, keys: Sequence[bytes]) -> World:
    """The world with the sheets of reviewers, as an application with these keys names them."""
    p, q = ({**one, "sheet": seal(keys, int(one["submission_id"]))} for one in (world.p, world.q))
    return World(p, q)


def _lease_for_a_day(session: Session) -> None:
    """What somebody works on stays theirs for all tests that knock."""
    for table in Base.metadata.tables.values():
        if "lease_expires_at" in table.c:
            leased = update(table).where(table.c.lease_expires_at.is_not(None))
            session.execute(leased.values(lease_expires_at=func.now() + timedelta(days=1)))


def people(client: Client) -> User:
    """Who sits in front of this browser."""
    assert client.user
    return client.user


def furnish_project(
    session: Session, storage: Storage, project: Project, admin: User, writer: User, reviewer: User
) -> dict[str, int | str]:
    """The ids of one project: the writer's texts, decided on by the reviewer, published and trained on by the admin."""
    category = select(Category).where(Category.project_id == project.id).order_by(Category.id).limit(1)
    first = session.scalars(category).one()
    factories.stored(session, Category(project_id=project.id, name="Advice"))  # under which nothing is filed
    first.target = 3  # lower than what the report of the run below advises
    proposed = factories.prompt(session, project, writer, f"Proposed in {project.name}?", category_id=first.id)
    factories.prompt(session, project, admin, f"Open in {project.name}?", status=PromptStatus.APPROVED, slots=9)
    begun = factories.prompt(session, project, admin, f"Begun in {project.name}?", status=PromptStatus.APPROVED)
    waiting = factories.prompt(session, project, admin, f"Waiting in {project.name}?", status=PromptStatus.APPROVED)
    member = factories.user(session, f"Member of {project.name}")
    factories.member(session, project, member, Role.ANNOTATOR)
    open_sign_in(session, writer, browser="another")
    create_token(session, actor_for(session, writer), name="Old", scopes=["projects:read"], days=9)
    version_id, other_id, dataset_id = _versions(session, project, admin, writer, reviewer)
    token = select(ApiToken.id).where(ApiToken.user_id == writer.id).order_by(ApiToken.id.desc()).limit(1)
    sign_in = select(SignIn.id).where(SignIn.user_id == writer.id).order_by(SignIn.id.desc()).limit(1)
    submission = factories.submission(session, waiting, writer, f"An answer in {project.name}.")
    return {
        "project_id": project.id,
        "category_id": first.id,
        "version": 1,
        "prompt_id": proposed.id,
        "assignment_id": factories.assignment(session, begun, writer, f"A draft in {project.name}.").id,
        "submission_id": submission.id,
        "comment_id": factories.comment(session, submission, writer, "answer").id,
        "dataset_id": dataset_id,
        "preferences_id": _of_preferences(session, project, admin),
        "version_id": version_id,
        "other_id": other_id,
        "row_id": session.scalars(select(VersionRow.submission_id).where(VersionRow.version_id == other_id)).one(),
        "run_id": _run(session, storage, project, admin, version_id, first.name),
        "person_id": member.id,
        "user_id": member.id,
        "wording_id": _wording(session, project, reviewer),
        "phrase_id": _phrase(session, reviewer),
        "notice_id": _notice(session, project, writer, submission.id),
        "sign_in_id": session.scalars(sign_in).one(),
        "token_id": session.scalars(token).one(),
        "job_id": _failed_job(session),
        **_comparison(session, project, admin, writer, version_id),
        "benchmark_id": _benchmark(session, storage, project, admin),
        "token": "a-token",
        "name": "train.jsonl",
        "format": "alpaca",
    }


def _versions(session: Session, project: Project, admin: User, writer: User, reviewer: User) -> tuple[int, int, int]:
    actor = actor_for(session, admin)
    dataset = create_dataset(session, actor, project.id, name=f"All of {project.name}")
    made = []
    for number in range(2):
        asked = f"What is {number} and {number} in {project.name}?"
        prompt = factories.prompt(session, project, admin, asked, status=PromptStatus.APPROVED)
        factories.review(session, factories.submission(session, prompt, writer, f"It is {2 * number}."), reviewer)
        made.append(publish(session, actor, dataset.id).id)
        session.commit()
        do_jobs(session)
    assert {one.status.value for one in session.scalars(select(Version).where(Version.id.in_(made)))} == {"published"}
    ask_for_format(session, actor, made[1], "alpaca")
    session.commit()
    do_jobs(session)
    return made[1], made[0], dataset.id


def _of_preferences(session: Session, project: Project, admin: User) -> int:
    """A dataset of pairs that people compared."""
    kind = DatasetKind.PREFERENCES
    return create_dataset(session, actor_for(session, admin), project.id, name="Preferred", kind=kind).id


def _run(session: Session, storage: Storage, project: Project, admin: User, version_id: int, category: str) -> int:
    """A run that is done, with the file of a model and a report that has advice on this category."""
    run = start_run(session, actor_for(session, admin), version_id, base_model=TINY.name, models_root=Path("/nowhere"))
    session.execute(text("UPDATE procrastinate_jobs SET status = 'succeeded' WHERE status = 'todo'"))
    run.status = RunStatus.DONE
    split = {
        "rows": 9, "prompts": 9, "tokens": 90, "loss_before": 4.0, "loss_after": 3.0, "perplexity_before": 54.6,
        "perplexity_after": 20.1, "change": {"value": -1.0, "low": -1.2, "high": -0.8},
    }  # fmt: skip
    report = {
        "schema": 4, "splits": {"train": split, "test": split}, "gap": {"value": 0.0, "low": -0.1, "high": 0.1},
        "base_model": vars(TINY) | {"sentence": "", "label": "Tiny", "knows_nothing": True}, "categories": [],
        "kinds": [kind(category)], "first": first_of(0),
        "plan": {}, "curve": [], "samples": [], "sentences": [], "cautions": [], "left_out": [],
    }  # fmt: skip
    session.add(Report(run_id=run.id, project_id=project.id, data=json.loads(json.dumps(report, default=str))))
    with NamedTemporaryFile() as file:
        storage.put_new(model_key(run, "model.safetensors"), Path(file.name))
    return run.id


def _benchmark(session: Session, storage: Storage, project: Project, admin: User) -> int:
    actor, asked = actor_for(session, admin), b"Which letter follows A?\n"
    return benchmarks.add(session, storage, actor, project.id, name="Of others", licence="MIT", data=asked).id


def _comparison(session: Session, project: Project, admin: User, writer: User, version_id: int) -> dict[str, int | str]:
    """A set of two pairs, one of which lies before the writer, and one of a ranking, which waits beneath it.

    The other pair is listed in a version, whatever it is of: only its page asks for that.
    """
    pairs = checked((f"/pairs/{at}", PAIR | {"prompt": f"{at} in {project.name}?"}) for at in range(2))
    made = filled_set(session, actor_for(session, admin), project.id, Wish("Answers", pairs=pairs))
    first, second = ({"chosen": "A.", "rejected": word, "prompt": f"In {project.name}?"} for word in ("B.", "C."))
    three = checked((f"/pairs/{at}", PAIR | given) for at, given in enumerate((first, second)))
    filled_set(session, actor_for(session, admin), project.id, Wish("In order", pairs=three, ranks=3))
    put = take_ranking(session, actor_for(session, writer), project.id)
    lies = take_next(session, actor_for(session, writer), project.id)
    assert lies
    assert put
    rest = ComparisonPair.set_id == made.id, ComparisonPair.id != lies.pair_id
    pair = session.scalars(select(ComparisonPair).where(*rest)).one()
    listed(session, version_id, pair)
    return {"set_id": made.id, "comparison_id": lies.id, "ordering_id": put.id, "pair_id": pair.id}


def _wording(session: Session, project: Project, reviewer: User) -> int:
    rules = current_guidelines(session, project.id)
    given = {"guidelines_id": rules.id, "heading": "Be helpful", "text": "# Be helpful", "author_id": reviewer.id}
    return int(factories.stored(session, Wording(project_id=project.id, **given)).id)


def _phrase(session: Session, reviewer: User) -> int:
    return int(factories.stored(session, Phrase(user_id=reviewer.id, text="Say where it is from.")).id)


def _notice(session: Session, project: Project, writer: User, submission_id: int) -> int:
    tell(
        session, writer.id, "response_approved",
        project_id=project.id, subject="submission", subject_id=submission_id,
    )  # fmt: skip
    newest = select(Notice.id).where(Notice.user_id == writer.id).order_by(Notice.id.desc())
    return session.scalars(newest.limit(1)).one()


def _failed_job(session: Session) -> int:
    job = enqueue(session, "core.forget_answers", timestamp=0)
    session.execute(text("UPDATE procrastinate_jobs SET status = 'failed' WHERE id = :id"), {"id": job})
    return job
