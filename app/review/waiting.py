"""What waits for a reviewer, in its order, at a cost that grows neither with the queue nor with their own past."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    ColumnElement,
    Integer,
    Select,
    Subquery,
    and_,
    bindparam,
    column,
    func,
    or_,
    select,
    text,
    true,
)
from sqlalchemy.dialects.postgresql import ARRAY

from app.core.leases import free
from app.core.passing import NEAR, OF_A_KIND
from app.review.models import HeldDecision, Opinion, ReviewSkip
from app.writing.models import Revision, Submission, SubmissionStatus

PERSON = bindparam("person", type_=BigInteger)
PROJECT = bindparam("project", type_=BigInteger)
CATEGORY = bindparam("category", type_=BigInteger)
WRITER = bindparam("writer", type_=BigInteger)
DAYS = bindparam("days", type_=Integer)
# The kinds of what waits in a project, one after another along their index, without those that are past for a person.
KINDS = text("""
WITH RECURSIVE kinds AS (
    (SELECT coalesce(category_id, 0) AS category, from_newcomer, never_for, judged_by FROM submissions
     WHERE project_id = :project AND status = 'submitted'
     ORDER BY coalesce(category_id, 0), from_newcomer, never_for, judged_by LIMIT 1)
    UNION ALL
    SELECT following.* FROM kinds CROSS JOIN LATERAL (
        SELECT coalesce(category_id, 0), from_newcomer, never_for, judged_by FROM submissions
        WHERE project_id = :project AND status = 'submitted'
            AND (coalesce(category_id, 0), from_newcomer, never_for, judged_by)
                > (kinds.category, kinds.from_newcomer, kinds.never_for, kinds.judged_by)
        ORDER BY coalesce(category_id, 0), from_newcomer, never_for, judged_by LIMIT 1) following
)
SELECT * FROM kinds WHERE :person <> ALL (never_for) AND :person <> ALL (judged_by)
""")


def waits() -> ColumnElement[bool]:
    """Submissions that a `person` may still decide on in a `project`: others' work, undecided, not skipped before.

    Left out is also what somebody has decided on and can still take back, what the reviewer has given their opinion
    on, where there are to be two, and what its writer is putting right.
    """
    skipped = select(ReviewSkip.submission_id).where(
        ReviewSkip.submission_id == Submission.id, ReviewSkip.reviewer_id == PERSON
    )
    given = select(Opinion.id).join(Revision, Revision.id == Opinion.revision_id)
    given = given.where(
        Opinion.submission_id == Submission.id,
        Opinion.reviewer_id == PERSON,
        Revision.number == Submission.current_revision,
    )
    return and_(
        in_queue(),
        # As a difference: of an unknown person PostgreSQL expects that they wrote as much as anybody, which is all if
        # few write, and makes a plan for each run, which takes longer than the run.
        Submission.author_id - PERSON != 0,
        or_(Submission.lease_holder_id.is_distinct_from(Submission.author_id), free(Submission)),
        ~looked_up(skipped),
        ~looked_up(given),
        ~looked_up(select(HeldDecision.submission_id).where(HeldDecision.submission_id == Submission.id)),
    )


def in_queue() -> ColumnElement[bool]:
    """Submissions of a `project` that wait for somebody."""
    return and_(Submission.project_id == PROJECT, Submission.status == SubmissionStatus.SUBMITTED)


def looked_up(rows: Select[Any]) -> ColumnElement[bool]:
    """Whether there are such rows, looked up for each submission that is walked past.

    OFFSET 0 keeps PostgreSQL from reading all of the other table at once, which it thinks cheap for a few rows of ours.
    """
    return rows.correlate(Submission).offset(0).exists()


@dataclass(frozen=True)
class Choice:
    """A part of what waits, in its order: of one `category`, of newcomers alone, since so many `days`, or all of it.

    Its first rows are walked along an index that holds nothing but what waits. `by_kind` finds what these do not.
    Of one `writer` all are walked, along their own index: one person's are few, and of all kinds.
    """

    of_category: bool = False
    of_newcomers: bool = False
    of_writer: bool = False
    since_days: bool = False
    by_kind: bool = False

    def ids(self) -> Select[int]:
        """It as a SELECT of ids, for a `person` in a `project`, of a `category`."""
        found = self._by_kind() if self.by_kind else self.first()
        rows = select(Submission.id).join(found, found.c.id == Submission.id).where(waits())
        return rows.order_by(found.c.submitted_at, found.c.id)

    def first(self) -> Subquery:
        """The first rows of the queue, for whomever."""
        rows = select(Submission.id, Submission.submitted_at).where(in_queue())
        if self.of_category:
            rows = rows.where(Submission.category_id == CATEGORY)
        if self.of_newcomers:
            rows = rows.where(Submission.from_newcomer)
        if self.since_days:
            rows = rows.where(is_old())
        rows = rows.order_by(Submission.submitted_at, Submission.id)
        return (rows.where(Submission.author_id == WRITER) if self.of_writer else rows.limit(NEAR)).subquery("first")

    def _by_kind(self) -> Subquery:
        """The first free rows of each kind that is not past for the person, however many of theirs stand before."""
        kinds = kinds_of_what_waits()
        old = [is_old()] if self.since_days else []
        few = of_kind(kinds, free(Submission), *old).limit(OF_A_KIND).lateral()
        found = select(few.c.id, few.c.submitted_at).select_from(kinds.join(few, true()))
        if self.of_category:
            found = found.where(kinds.c.category == CATEGORY)
        if self.of_newcomers:
            found = found.where(kinds.c.from_newcomer)
        return found.subquery("found")


def is_old() -> ColumnElement[bool]:
    """Submissions that have waited for so many `days`."""
    return Submission.submitted_at <= func.now() - func.make_interval(0, 0, 0, DAYS)


def kinds_of_what_waits() -> Subquery:
    """`KINDS` as something to select from."""
    people = ARRAY(BigInteger)
    found = KINDS.bindparams(PERSON, PROJECT).columns(
        column("category", BigInteger),
        column("from_newcomer", Boolean),
        column("never_for", people),
        column("judged_by", people),
    )
    return found.subquery("kinds")


def of_kind(kinds: Subquery, *conditions: ColumnElement[bool]) -> Select[int, datetime]:
    """What of a kind waits for the person, in its order."""
    kind = and_(
        func.coalesce(Submission.category_id, 0) == kinds.c.category,
        Submission.from_newcomer == kinds.c.from_newcomer,
        Submission.never_for == kinds.c.never_for,
        Submission.judged_by == kinds.c.judged_by,
    )
    found = select(Submission.id, Submission.submitted_at).where(kind, waits(), *conditions)
    return found.order_by(Submission.submitted_at, Submission.id)
