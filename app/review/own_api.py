"""The JSON door to a reviewer's own phrases, and to submissions whose right decision is known."""

from starlette.responses import Response

from app.accounts.doors import CurrentActor
from app.core.database import DB
from app.core.web import api
from app.projects.queries import get_project_for
from app.review import gold, phrases, worked
from app.review.models import Decision
from app.review.schemas import GoldIn, PhraseIn, PhraseOut, PhrasesOut, WorkedExampleOut, WorkedExamplesOut

router = api("review")


@router.get("/phrases", name="api.review.phrases")
def list_phrases(session: DB, actor: CurrentActor) -> PhrasesOut:
    """Your own phrases for notes."""
    return PhrasesOut(phrases=[PhraseOut.model_validate(one) for one in phrases.list_phrases(session, actor)])


@router.post("/phrases", name="api.review.keep_phrase", status_code=201, response_model=PhraseOut)
def keep_phrase(session: DB, actor: CurrentActor, given: PhraseIn) -> PhraseOut:
    """Keep one more."""
    return PhraseOut.model_validate(phrases.add(session, actor, given.text))


@router.delete("/phrases/{phrase_id:id}", name="api.review.remove_phrase", status_code=204)
def remove_phrase(session: DB, actor: CurrentActor, phrase_id: int) -> Response:
    """Keep it no longer."""
    phrases.remove(session, actor, phrase_id)
    return Response(status_code=204)


@router.put("/submissions/{submission_id:id}/gold", name="api.review.mark_gold", status_code=204)
def mark_gold(session: DB, actor: CurrentActor, submission_id: int, given: GoldIn) -> Response:
    """Vouch for the right decision: reviewers meet it now and then, as if it waited."""
    gold.mark(session, actor, submission_id, decision=Decision(given.decision), note=given.note)
    return Response(status_code=204)


@router.delete("/submissions/{submission_id:id}/gold", name="api.review.retire_gold", status_code=204)
def retire_gold(session: DB, actor: CurrentActor, submission_id: int) -> Response:
    """Let reviewers meet it no more."""
    gold.retire(session, actor, submission_id)
    return Response(status_code=204)


@router.put("/submissions/{submission_id:id}/worked-example", name="api.review.show_example", status_code=204)
def show_example(session: DB, actor: CurrentActor, submission_id: int) -> Response:
    """Put a submission with a known decision on the guidelines page; reviewers meet it no more."""
    worked.show(session, actor, submission_id)
    return Response(status_code=204)


@router.delete("/submissions/{submission_id:id}/worked-example", name="api.review.hide_example", status_code=204)
def hide_example(session: DB, actor: CurrentActor, submission_id: int) -> Response:
    """Take it off the guidelines page."""
    worked.hide(session, actor, submission_id)
    return Response(status_code=204)


@router.get("/projects/{project_id:id}/worked-examples", name="api.review.worked_examples")
def worked_examples(session: DB, actor: CurrentActor, project_id: int) -> WorkedExamplesOut:
    """Up to 20 decided responses that teach, good and bad, each with the right decision and why."""
    found = worked.worked_examples(session, get_project_for(session, actor, project_id))
    shown = [
        WorkedExampleOut(
            submission_id=one.item.submission_id,
            decision=one.item.decision,
            note=one.item.note,
            prompt=one.revision.prompt_messages,
            response=one.revision.messages,
        )
        for one in found.examples
    ]
    return WorkedExamplesOut(examples=shown)
