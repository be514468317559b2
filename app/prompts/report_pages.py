"""The browser's door to what is reported of a prompt."""

from dataclasses import dataclass
from typing import Annotated

from fastapi import Form, Request
from sqlalchemy.orm import Session
from starlette.responses import Response

from app.accounts.actor import Actor
from app.accounts.doors import CurrentActor, same_person
from app.accounts.schemas import DrawnFor
from app.core.database import DB
from app.core.web import pages, see_other
from app.prompts import reports
from app.prompts.models import Prompt, ReportReason
from app.prompts.policy import can_settle
from app.prompts.schemas import PromptReportForm

router = pages()


@dataclass(frozen=True)
class Reported:
    """One report as this reader may see it: `who` is empty for the proposer."""

    reason: str
    note: str
    who: str


def shown_reports(session: Session, actor: Actor, prompt: Prompt) -> list[Reported]:
    """What is reported of a prompt: to those who decide with names, to its proposer without, to nobody else."""
    decides = bool(can_settle(actor, prompt))
    if not decides and prompt.author_id != actor.user_id:
        return []
    found = reports.open_reports(session, prompt.id)
    return [Reported(reports.REASONS[one.reason], one.note, one.reporter.name if decides else "") for one in found]


@router.post("/prompts/{prompt_id:id}/report", name="prompts.report")
def report(
    request: Request, session: DB, actor: CurrentActor, prompt_id: int, form: Annotated[PromptReportForm, Form()]
) -> Response:
    """Say that the prompt is a bad one, whatever one came to it by."""
    same_person(actor, form.user_id)
    reports.report(session, actor, prompt_id, ReportReason(form.reason), form.note)
    return see_other(
        request, "prompts.show", say="Reported. Those who decide on prompts read what you said.", prompt_id=prompt_id
    )


@router.post("/prompts/{prompt_id:id}/reports/settle", name="prompts.settle_reports")
def settle(
    request: Request, session: DB, actor: CurrentActor, prompt_id: int, form: Annotated[DrawnFor, Form()]
) -> Response:
    """Say that what was reported is dealt with."""
    same_person(actor, form.user_id)
    reports.settle(session, actor, prompt_id)
    return see_other(request, "prompts.show", prompt_id=prompt_id)
