"""The JSON door to hints: what there is to look at in a text before it is handed in or proposed. Nothing is stored."""

from collections.abc import Sequence

from app.accounts.doors import CurrentActor
from app.core.database import DB
from app.core.idempotency import CHANGES_NOTHING, repeatable
from app.core.web import api
from app.projects.queries import get_project_for
from app.writing.checks import OF_A_PROMPT, Finding
from app.writing.hints import about_to_propose, hints, sheet_of
from app.writing.schemas import HintOut, HintsIn, HintsOut, PromptHintsIn

router = api("writing")


@router.post("/assignments/{assignment_id:id}/hints", name="api.writing.hints")
@repeatable(CHANGES_NOTHING)
def live(session: DB, actor: CurrentActor, assignment_id: int, given: HintsIn) -> HintsOut:
    """Look at a draft as it stands, unsaved."""
    turns = [turn.model_dump() for turn in given.messages]
    return _shown(hints(session, actor, sheet_of(session, actor, assignment_id, turns, given.prompt), typing=True))


@router.post("/projects/{project_id:id}/prompts/hints", name="api.writing.prompt_hints")
@repeatable(CHANGES_NOTHING)
def asked(session: DB, actor: CurrentActor, project_id: int, given: PromptHintsIn) -> HintsOut:
    """Look at a prompt that somebody is about to propose."""
    project = get_project_for(session, actor, project_id)
    written = about_to_propose(project, given.prompt, category_id=given.category_id, language=given.language)
    return _shown(hints(session, actor, written, only=OF_A_PROMPT, typing=True))


def _shown(found: Sequence[Finding]) -> HintsOut:
    return HintsOut(hints=[HintOut.model_validate(one) for one in found])
