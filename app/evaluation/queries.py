"""What an actor can see of reports. Nothing here writes."""

from sqlalchemy.orm import Session

from app.accounts.actor import Actor
from app.core.errors import NotFound
from app.evaluation.aims import WhatNext, what_next
from app.evaluation.answers import Answers, Previous, side_by_side
from app.evaluation.first import AnswerFirst, answer_first
from app.projects.queries import list_categories
from app.prompts.turns import list_unanswered_of
from app.training.blind import blind_in
from app.training.models import Run
from app.training.queries import get_run_for, newest_first, newest_kinds, previous_report, report_of
from app.training.worker.report import Report, upgraded


def get_report_for(session: Session, actor: Actor, run_id: int) -> tuple[Run, Report]:
    """A run and its report. NotFound where the run does not exist for this actor, or has no report yet."""
    run = get_run_for(session, actor, run_id)
    if report := report_of(session, run.id):
        return run, report
    raise NotFound("evaluation.no_report", "This run has no report yet: it is written when the run is done.")


def answers_of(session: Session, actor: Actor, run_id: int) -> Answers:
    """All answers of a finished run beside those of the one before it. NotFound as `get_report_for`."""
    run, stored = get_report_for(session, actor, run_id)
    report, withheld = without_judged(session, run, upgraded(stored))
    before = previous_report(session, actor, run)
    previous = Previous(before[0].id, before[0].number, upgraded(before[1])) if before else None
    return Answers(run, report, previous, side_by_side(run, report, previous), withheld)


def without_judged(session: Session, run: Run, report: Report) -> tuple[Report, str]:
    """A report without what models answered to prompts that are still judged blindly, for its readers judge, too; and
    that in a sentence, empty where nothing is left out."""
    blind = blind_in(session, run.project_id, report["samples"])
    told = [sample for sample in report["samples"] if not blind.hides(sample)]
    if not (hidden := len(report["samples"]) - len(told)):
        return report, ""
    many = "1 prompt" if hidden == 1 else f"{hidden} prompts"
    why = f"What was answered to {many} is not shown yet: people still judge it blindly, in {blind.where}. "
    return {**report, "samples": told}, why + "It will stand here once all is judged, or that set is closed."


def what_next_by(session: Session, actor: Actor, run_id: int) -> WhatNext:
    """What to write next by this run's report. NotFound as `get_report_for`."""
    run, report = get_report_for(session, actor, run_id)
    return what_next(run, upgraded(report)["kinds"], list_categories(session, run.project_id))


def what_next_in(session: Session, actor: Actor, project_id: int) -> WhatNext | None:
    """The same by the project's newest report; None while there is none that this actor may see."""
    newest = newest_kinds(session, actor, project_id)
    return what_next(*newest, list_categories(session, project_id)) if newest else None


def answer_first_in(session: Session, actor: Actor, project_id: int) -> AnswerFirst | None:
    """Which open prompts to answer first, by the newest run that says so; None while there is none."""
    newest = newest_first(session, actor, project_id)
    if newest is None:
        return None
    run, found = newest
    ids = [int(one["prompt_id"]) for one in found["order"]]
    return answer_first(run, found, list_unanswered_of(session, actor, ids))
