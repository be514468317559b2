"""What lies on a reviewer's desk: one submission, how it is looked at, its rubric, facts and earlier decisions."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from markupsafe import Markup
from sqlalchemy import Select, select, union_all
from sqlalchemy.orm import Session

from app.accounts.actor import Actor
from app.core.database import built_once
from app.core.excerpts import beginning
from app.core.hot import ask_one
from app.core.markdown import render_rules
from app.core.settings import Settings
from app.projects.models import Project
from app.prompts import questions
from app.review import gold, queries, skips
from app.review.comments.remarks import Remark, remarks_of
from app.review.comments.threads import Thread, threads_for
from app.review.deciding import opinions
from app.review.deciding.missed import named_parts
from app.review.deciding.opinions import opinions_for, side_by_side
from app.review.deciding.wishes import Wish
from app.review.desk import look
from app.review.desk.beside import Alike, alike, around, record_of, typed
from app.review.desk.sheets import seal
from app.review.models import Decision, Opinion, Phrase, Review
from app.review.phrases import list_phrases
from app.review.policy import can_edit, is_disputed, is_open_book
from app.review.schemas import View
from app.writing.checks import Finding
from app.writing.hints import handed_in, hints
from app.writing.models import Revision, Submission
from app.writing.qualifying import calibration_note

TITLE_LENGTH = 60
DID = {
    Decision.APPROVED: "Approved",
    Decision.CHANGES_REQUESTED: "Asked for changes to",
    Decision.REJECTED: "Rejected",
}
SKIPPED = "Skipped"


@dataclass(frozen=True)
class Desk:
    """One submission with all that its reviewer looks at and fills in."""

    submission: Submission
    revision: Revision
    writer: str
    question: Sequence[look.Turn]
    response: Sequence[look.Turn]
    view: View
    tabs: Sequence[look.Tab]
    threads: Sequence[Thread]
    remarks: Sequence[Remark]
    criteria: Sequence[look.Criterion]
    facts: Sequence[str]
    findings: Sequence[Finding]
    alike: Sequence[Alike]
    typed: dict[str, int] | None
    earlier: Sequence[Review]
    opinions: Sequence[Opinion]
    opinion_rows: Sequence[tuple[str, Sequence[int | None]]]
    may_edit: bool
    guidelines: Markup
    note: str
    parts: Sequence[str]
    missed: str
    phrases: Sequence[Phrase]
    asked: Sequence[questions.Thread]


@dataclass(frozen=True)
class Undoable:
    """The reviewer's latest decision that can still be taken back, in words, and for how many seconds."""

    sheet: str
    words: str
    seconds: int


def undoable(session: Session, actor: Actor, settings: Settings, project_id: int) -> Undoable | None:
    """What the actor did last, a moment ago, while it can be taken back."""
    values = {"person": actor.user_id, "project": project_id, "seconds": settings.undo_seconds}
    session.flush()
    found = ask_one(session, _newest(), values)
    if found is None:
        return None
    _, decision, submission_id, asked, seconds = found
    did = DID[decision] if decision else SKIPPED
    return Undoable(seal(settings.signing_keys, submission_id), f"{did} {quoted(asked)}", seconds)


@built_once
def _newest() -> Select[datetime, Decision | None, int, list[dict[str, Any]], int]:
    """Of the three kinds of what can be taken back that which can be for longest."""
    kinds = (queries.newest_held(), gold.newest_answer(), skips.newest())
    every = union_all(*(select(kind.subquery()) for kind in kinds)).subquery()
    return select(every).order_by(every.c.until.desc()).limit(1)


def lay_out(
    session: Session,
    actor: Actor,
    project: Project,
    submission: Submission,
    wanted: View | None = None,
    *,
    note: str = "",
    ratings: Mapping[str, Any] | None = None,
    missed: str = "",
) -> Desk:
    """A submission, loaded whole, laid out for its reviewer; `note`, `ratings`, `missed` were filled in before."""
    newest = submission.revisions[-1]
    there = around(session, actor, submission)
    earlier = queries.reviews_of(session, submission.id) if there.judged_before else ()
    earlier = [one for one in earlier if one.revision.number < newest.number]
    compared = since_last_look(session, actor, project, submission, earlier)
    view = look.view_of(wanted, compared)
    rules = newest.guidelines
    given = opinions_for(session, actor, submission, newest.id) if is_disputed(submission) else ()
    open_book = is_open_book(project)
    threads = threads_for(session, actor, project, submission, newest) if open_book and there.commented else []
    findings = hints(session, actor, handed_in(project, submission))
    return Desk(
        submission=submission,
        revision=newest,
        writer=there.writer or "",
        question=look.question(view, compared, threads),
        response=look.response(view, compared, threads),
        view=view,
        threads=threads,
        remarks=[] if open_book else remarks_of(session, actor, project, submission),
        tabs=look.tabs(view, compared),
        criteria=look.criteria(rules.rubric, ratings or {}),
        facts=[
            *calibration_note(session, project, submission),
            *look.facts(project, submission, there.guidelines),
            *([record_of(session, submission)] if open_book else []),
        ],
        findings=findings,
        alike=alike(session, findings, newest),
        typed=typed(project, newest) if open_book else None,
        earlier=earlier,
        opinions=given,
        opinion_rows=side_by_side(rules.rubric, given),
        may_edit=bool(can_edit(project, submission)),
        guidelines=render_rules(rules.text),
        note=note,
        parts=named_parts(rules),
        missed=missed,
        phrases=list_phrases(session, actor) if there.has_phrases else (),
        asked=questions.threads_of(session, actor, project, submission.prompt_id) if there.asked else (),
    )


def since_last_look(
    session: Session, actor: Actor, project: Project, submission: Submission, earlier: Sequence[Review]
) -> Sequence[Revision]:
    """The newest revision, and before it the one since which changes are shown: that which the actor judged last, or
    else the one before."""
    *before, newest = submission.revisions
    judged = {one.revision_id for one in earlier if one.reviewer_id == actor.user_id}
    if len(before) > 1 and project.reviews_per_response > 1:
        judged |= opinions.revisions_judged(session, actor, submission.id)
    return [*([one for one in before if one.id in judged] or before)[-1:], newest]


def in_words(made: Review | Opinion | Wish, revision: Revision) -> str:
    """What was decided on which submission."""
    return f"{DID[made.decision]} {quoted(revision.prompt_messages)}."


def skipped(submission: Submission) -> str:
    """What was left to others, in words."""
    return f"{SKIPPED} {quoted(submission.prompt.messages)}; it waits for other reviewers."


def quoted(messages: Sequence[Mapping[str, Any]]) -> str:
    """The beginning of what is asked, in quotes, to know a submission by."""
    return f"“{beginning(look.visible(str(messages[-1]['content'])), TITLE_LENGTH)}”"
