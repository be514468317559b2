"""The demo's story: prompts are proposed, answered, sent back, finished, approved and published, verb by verb."""

from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import cycle
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from app.accounts.actor import Actor
from app.accounts.models import Role, User
from app.accounts.sign_ins import actor_for
from app.datasets.service import create_dataset, publish
from app.demo.people import REVIEWERS, WRITERS, People, make_account
from app.demo.texts import CATEGORIES, Fate, Row, answered, first_half, unanswered
from app.projects.members import add_member
from app.projects.service import add_category, change_settings, create_project, revise_guidelines
from app.prompts import service as prompts
from app.prompts.models import Prompt
from app.review import service as review
from app.writing import service as writing
from app.writing.models import Submission

Tell = Callable[[int, int], None]
RUBRIC = [
    {"key": "helpful", "name": "Helpful", "description": "Can the person go on with what they wanted to do?"},
    {"key": "correct", "name": "Correct", "description": "Is it true, as far as you can tell?"},
    {"key": "clear", "name": "Clear", "description": "Plain words, no longer than it must be?"},
    {"key": "kind", "name": "Kind", "description": "Polite, without flattery or blame?"},
]
PROPOSED_LEFT = 20
DESCRIPTION = (
    "The demo: texts that people wrote for other projects, each with its source and licence, played through Penset by "
    "a script. The decisions and ratings here are the script's, not a person's."
)


@dataclass
class Stage:
    """The project with everybody's actors, and which prompt holds which row."""

    sessions: sessionmaker[Session]
    project_id: int
    admin_id: int
    writer_ids: list[int]
    reviewer_ids: list[int]
    categories: dict[str, int]
    rows: dict[int, Row] = field(default_factory=dict)

    def actor(self, session: Session, user_id: int) -> Actor:
        """A person with the rights of this moment."""
        return actor_for(session, session.get_one(User, user_id))


def found_project(sessions: sessionmaker[Session]) -> tuple[Stage, People]:
    """Make the accounts and the project "Everyday assistant" with its guidelines, rubric and categories."""
    with sessions.begin() as session:
        admin_id, admin = make_account(session, "admin", 1, is_admin=True)
        writers = [make_account(session, "annotator", n) for n in range(1, WRITERS + 1)]
        reviewers = [make_account(session, "reviewer", n) for n in range(1, REVIEWERS + 1)]
        actor = actor_for(session, session.get_one(User, admin_id))
        project = create_project(
            session, actor, name="Everyday assistant", description=DESCRIPTION, target=400, licence="see each row"
        )
        actor = actor_for(session, session.get_one(User, admin_id))
        change_settings(session, actor, project.id, shows_examples=True)
        text = (Path(__file__).parent / "guidelines.md").read_text("utf-8")
        revise_guidelines(session, actor, project.id, text=text, rubric=RUBRIC)
        categories = {
            name: add_category(session, actor, project.id, name=name, target=25).id for name in CATEGORIES.values()
        }
        for (user_id, _), role in [*((w, Role.ANNOTATOR) for w in writers), *((r, Role.REVIEWER) for r in reviewers)]:
            add_member(session, actor, project.id, user_id=user_id, role=role)
        stage = Stage(sessions, project.id, admin_id, [w[0] for w in writers], [r[0] for r in reviewers], categories)
    return stage, People(writers[0][1], reviewers[0][1], admin, admin_id, stage.project_id)


def propose_prompts(stage: Stage, tell: Tell) -> str:
    """The second writer proposes every prompt, a reviewer opens all but a few. What it did, in words."""
    rows = [row for row in answered() if not row.as_pair] + unanswered()
    proposed_only = {row.id for row in unanswered()[-PROPOSED_LEFT:]}
    for done, row in enumerate(rows, 1):
        with stage.sessions.begin() as session:
            proposer = stage.actor(session, stage.reviewer_ids[1])
            prompt = prompts.propose(
                session,
                proposer,
                stage.project_id,
                messages=row.prompt,
                category_id=stage.categories[row.category],
                language=row.language,
                licence=row.licence,
                source=row.source,
                external_id=row.id,
            )
            if row.id not in proposed_only:
                prompts.approve(session, stage.actor(session, stage.reviewer_ids[0]), prompt.id)
            stage.rows[prompt.id] = row
        tell(done, len(rows))
    return f"{len(rows)} prompts proposed, {len(rows) - PROPOSED_LEFT} opened, {PROPOSED_LEFT} left to decide"


def write_responses(stage: Stage, tell: Tell) -> str:
    """The writers claim prompts, draft and hand in; pairs too. What it did, in words."""
    rows = answered()
    wanted = sum(1 for row in rows if not row.as_pair)
    done = 0
    for writer_id in cycle(stage.writer_ids):
        if done == wanted:
            break
        if take_and_write(stage, writer_id):
            done += 1
            tell(done, len(rows))
    pairs = [row for row in rows if row.as_pair]
    for row, writer_id in zip(pairs, cycle(stage.writer_ids), strict=False):
        write_pair(stage, writer_id, row)
        done += 1
        tell(done, len(rows))
    return f"{done} responses handed in, {len(pairs)} of them with a prompt of the writer's own"


def take_and_write(stage: Stage, writer_id: int) -> bool:
    """One writer takes the next prompt and hands in what a person once answered to it."""
    with stage.sessions.begin() as session:
        writer = stage.actor(session, writer_id)
        assignment = writing.take_next(session, writer, stage.project_id)
        if assignment is None or assignment.prompt_id is None:
            return False
        row = stage.rows[assignment.prompt_id]
        turns = first_half(row.turns) if row.fate in (Fate.REVISED, Fate.SENT_BACK) else row.turns
        draft = writing.save_draft(session, writer, assignment.id, prompt_messages=[], messages=turns, revision=0)
        writing.hand_in(session, writer, assignment.id, draft_revision=draft.revision)
    return True


def write_pair(stage: Stage, writer_id: int, row: Row) -> None:
    """One writer makes up a prompt and answers it."""
    with stage.sessions.begin() as session:
        writer = stage.actor(session, writer_id)
        pair = writing.start_pair(session, writer, stage.project_id, category_id=stage.categories[row.category])
        draft = writing.save_draft(session, writer, pair.id, prompt_messages=row.prompt, messages=row.turns, revision=0)
        submission = writing.hand_in(session, writer, pair.id, draft_revision=draft.revision)
        # A person's own pair is the project's. These were written elsewhere: where, and under what, goes with them.
        prompt = session.get_one(Prompt, submission.prompt_id)
        prompt.licence, prompt.source, prompt.language = row.licence, row.source, row.language
        prompt.external_id = row.id
        stage.rows[prompt.id] = row


def review_everything(stage: Stage, tell: Tell) -> str:
    """The reviewers decide: most approved, some sent back and finished, a few rejected. What it did, in words."""
    counts = dict.fromkeys(Fate, 0)
    with stage.sessions.begin() as session:
        waiting = session.scalars(select(Submission.id).where(Submission.project_id == stage.project_id)).all()
    for done, (submission_id, reviewer_id) in enumerate(zip(waiting, cycle(stage.reviewer_ids), strict=False), 1):
        fate = decide(stage, submission_id, reviewer_id)
        counts[fate] += 1
        tell(done, len(waiting))
    return ", ".join(f"{count} {fate.value}" for fate, count in counts.items() if count)


def decide(stage: Stage, submission_id: int, reviewer_id: int) -> Fate:
    """What the script decides on one submission; the writer finishes what is to be finished."""
    with stage.sessions.begin() as session:
        submission = session.get_one(Submission, submission_id)
        row = stage.rows[submission.prompt_id]
        reviewer = stage.actor(session, reviewer_id)
        if row.fate is Fate.REJECTED:
            note = "One word helps nobody: a whole sentence that says why, please."
            review.reject(session, reviewer, submission_id, revision=1, ratings=rated(row, 2), note=note)
        elif row.fate in (Fate.REVISED, Fate.SENT_BACK):
            note = "It breaks off in the middle. Please finish the thought."
            review.ask_for_changes(session, reviewer, submission_id, revision=1, ratings=rated(row, 3), note=note)
        elif row.fate is Fate.APPROVED:
            review.approve(session, reviewer, submission_id, revision=1, ratings=rated(row, 4))
    if row.fate is Fate.REVISED:
        finish(stage, submission_id, reviewer_id, row)
    return row.fate


def finish(stage: Stage, submission_id: int, reviewer_id: int, row: Row) -> None:
    """The writer hands in the whole text; the reviewer approves revision 2."""
    with stage.sessions.begin() as session:
        submission = session.get_one(Submission, submission_id)
        assert submission.author_id, "somebody of the demo wrote it"
        assert submission.assignment_id
        writer = stage.actor(session, submission.author_id)
        draft = writing.save_draft(
            session, writer, submission.assignment_id, prompt_messages=[], messages=row.turns, revision=1
        )
        writing.hand_in(session, writer, submission.assignment_id, draft_revision=draft.revision)
        reviewer = stage.actor(session, reviewer_id)
        review.approve(session, reviewer, submission_id, revision=2, ratings=rated(row, 4))


def rated(row: Row, most: int) -> dict[str, int]:
    """The script's ratings: one figure for all criteria, a point more for the longer half. Not a judgement."""
    longer = len(row.turns[0]["content"]) > 200
    return {item["key"]: min(most + longer, 5) for item in RUBRIC}


def leave_a_draft(stage: Stage) -> str:
    """The visitor's annotator has begun to answer a prompt. What it did, in words."""
    with stage.sessions.begin() as session:
        writer = stage.actor(session, stage.writer_ids[0])
        assignment = writing.take_next(session, writer, stage.project_id)
        if assignment is None:
            return "no prompt was left to begin"
        turns = [{"role": "assistant", "content": "Let me begin with the short answer: "}]
        writing.save_draft(session, writer, assignment.id, prompt_messages=[], messages=turns, revision=0)
    return "one draft left to go on with"


def publish_version(stage: Stage) -> int:
    """The admin publishes version 1 of a dataset: a job. The version's id."""
    with stage.sessions.begin() as session:
        admin = stage.actor(session, stage.admin_id)
        dataset = create_dataset(session, admin, stage.project_id, name="Everyday assistant")
        return publish(session, admin, dataset.id).id
