"""Bringing in finished pairs: written elsewhere, so they have no author here and nobody here decides on them.

Each comes in as a prompt that is complete, with an approved submission of one revision. Who takes them in stands for
them with a source and a licence (decision 0018).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, Text, bindparam, func, literal, text, true
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Session

from app.accounts.actor import Actor
from app.core.errors import Place
from app.projects.models import Project
from app.projects.queries import current_guidelines
from app.prompts.import_lines import Row
from app.prompts.imports import Kind, add_prompts
from app.prompts.models import Prompt, PromptStatus
from app.writing.models import Submission

# Their prompts have names of their own: the same row may be here as a prompt to be answered, too.
NAMED = "pair:"

ENTER = text("""
WITH entered AS (
    INSERT INTO submissions
        (project_id, prompt_id, category_id, status, current_revision, from_newcomer, imported_by, decided_at)
    SELECT project_id, id, category_id, 'approved', 1, false, :actor_id, now()
    FROM prompts WHERE project_id = :project_id AND external_id = ANY(:names) ORDER BY id
    RETURNING id, prompt_id)
INSERT INTO revisions (submission_id, number, prompt_messages, messages, guidelines_id, draft_revision)
SELECT entered.id, 1, p.messages, p.imported_response, :guidelines_id, 0
FROM entered JOIN prompts p ON p.id = entered.prompt_id ORDER BY entered.id
""").bindparams(bindparam("names", type_=ARRAY(Text)), bindparam("actor_id", type_=BigInteger))


@dataclass(frozen=True)
class Origin:
    """Where rows come from, and under which licence, where they do not say so themselves; empty: they must."""

    source: str = ""
    licence: str = ""


def as_pairs(of_all: Origin) -> Kind:
    """Finished pairs as the kind of an import."""

    def check(project: Project, row: Row) -> Sequence[Place]:
        return wrong_with(of_all, row)

    def add(
        session: Session, actor: Actor, project: Project, categories: Mapping[str, int], rows: Sequence[Row]
    ) -> int:
        return add_pairs(session, actor, project, categories, [named(of_all, row) for row in rows])

    remember = {"prompts.remember_all": Prompt, "writing.remember_all": Submission}
    return Kind("writing.imported", check, add, remember)


def wrong_with(of_all: Origin, row: Row) -> list[Place]:
    """What a finished pair lacks."""
    at = f"/line/{row.line}"
    wrong = []
    if row.response is None:
        wrong.append(Place(f"{at}/response", "is missing: a finished pair ends with an answer"))
    if not (row.licence or of_all.licence):
        wrong.append(Place(f"{at}/licence", "is missing: say it in the row, or once for all rows that say none"))
    if not (row.source or of_all.source):
        wrong.append(Place(f"{at}/source", "is missing: say it in the row, or once for all rows that say none"))
    return wrong


def named(of_all: Origin, row: Row) -> Row:
    """The row under the name of a pair, with its origin."""
    return replace(row, key=NAMED + row.key, source=row.source or of_all.source, licence=row.licence or of_all.licence)


def add_pairs(
    session: Session, actor: Actor, project: Project, categories: Mapping[str, int], rows: Sequence[Row]
) -> int:
    """Insert a portion: prompts, and for each new one its submission and revision. How many are new."""
    settled: dict[str, ColumnElement[Any]] = {
        "from_pair": true(),
        "status": literal(PromptStatus.COMPLETE.value),
        "decided_by": literal(actor.user_id),
        "decided_at": func.now(),
    }
    added = add_prompts(session, project, categories, rows, settled)
    if added:
        guidelines = current_guidelines(session, project.id)
        given = {"actor_id": actor.user_id, "project_id": project.id, "guidelines_id": guidelines.id}
        session.execute(ENTER, given | {"names": sorted(added)})
    return len(added)
