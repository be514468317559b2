"""What a person does about the answers of models: ask for them, cancel that, try again."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from app.accounts.actor import Actor
from app.core.database import change_one
from app.core.errors import Conflict, Invalid, Place
from app.core.jobs import enqueue
from app.datasets.queries import test_prompts
from app.preferences.making.sets import add_set, record_set
from app.preferences.models import AT_WORK, ComparisonSet, Generation, GenerationState, PromptRule, SetState
from app.preferences.policy import can_make
from app.preferences.queries import get_set_for
from app.projects.queries import get_project_for
from app.training.models import Run, RunStatus
from app.training.queries import get_runs_for

JOB = "preferences.generate"
SILENT = "reward"  # the method whose model says how good an answer is, and none of its own
ENDED_BADLY = (GenerationState.FAILED, GenerationState.CANCELLED)


@dataclass(frozen=True)
class Wanted:
    """Whose models are asked, what, and how they draw their tokens. See `Generation`."""

    name: str
    run_ids: Sequence[int]
    bases: bool = False
    people: bool = False
    prompts: PromptRule = PromptRule.UNANSWERED
    most: int = 50
    temperature: float = 0.7
    max_tokens: int = 300
    seed: int = 17
    ranks: int = 0
    opinions: int = 1
    asks_strength: bool = True
    check_every: int = 0
    about_run_id: int | None = None


def ask_models(session: Session, actor: Actor, project_id: int, wanted: Wanted) -> ComparisonSet:
    """Make a set whose responses a job gets from models; it opens when they are there.

    Invalid where these could not be compared: of one source there are no pairs. Conflict for a run that is not done.
    """
    project = get_project_for(session, actor, project_id)
    can_make(actor, project.id).require()
    runs = get_runs_for(session, actor, project.id, wanted.run_ids)
    for run in runs:
        if run.status is not RunStatus.DONE:
            raise Conflict("training.no_model", f"Run {run.number} is not done, so it has left no model yet.")
        if run.method == SILENT:
            raise Conflict("preferences.silent", f"Run {run.number} left a reward model, which answers nothing itself.")
    if len(sources_of(runs, bases=wanted.bases)) + wanted.people < 2:
        raise Invalid(
            "preferences.one_source",
            "Of one source there are no pairs: choose two runs, or one with the model that it began with or with what "
            "people wrote.",
            Place("/run_ids", "is one source alone"),
        )
    measures_only = wanted.prompts is PromptRule.TEST
    if measures_only and not test_prompts(session, project.id):
        raise Invalid(
            "preferences.no_test_prompts",
            "This project has no prompt that is only tested on yet: publish a version, which puts some into its test "
            "split.",
        )
    made = ComparisonSet(
        project_id=project.id,
        name=wanted.name,
        rule=in_words(runs, wanted),
        ranks=wanted.ranks,
        opinions=wanted.opinions,
        asks_strength=wanted.asks_strength and not wanted.ranks,
        check_every=wanted.check_every,
        measures_only=measures_only,
        created_by=actor.user_id,
    )
    add_set(session, actor, made)
    session.add(
        Generation(
            set_id=made.id,
            project_id=project.id,
            run_ids=[run.id for run in runs],
            bases=wanted.bases,
            people=wanted.people,
            prompts=wanted.prompts,
            most=wanted.most,
            temperature=wanted.temperature,
            max_tokens=wanted.max_tokens,
            seed=wanted.seed,
            about_run_id=wanted.about_run_id,
        )
    )
    session.flush()
    _enqueue(session, made.id)
    record_set(session, actor, "preferences.set_made", made)
    return made


def sources_of(runs: Sequence[Run], *, bases: bool) -> list[tuple[str, Run, bool]]:
    """Each source once, the models of the list first: its name, a run that leads to it, and whether it is the run's
    base."""
    found = {f"Base model {run.base_model}": (run, True) for run in runs} if bases else {}
    found |= {f"Run {run.number}": (run, False) for run in runs}
    return [(name, run, is_base) for name, (run, is_base) in found.items()]


def in_words(runs: Sequence[Run], wanted: Wanted) -> str:
    """What was asked, of whom, and how."""
    names = [name[0].lower() + name[1:] for name, *_ in sources_of(runs, bases=wanted.bases)]
    names += ["what people wrote"] if wanted.people else []
    asked = {
        PromptRule.UNANSWERED: f"to at most {wanted.most} prompts, those first that nobody has answered",
        PromptRule.TEST: f"to at most {wanted.most} prompts of the test split",
    }[wanted.prompts]
    how = f"temperature {wanted.temperature:g}, at most {wanted.max_tokens} tokens, seed {wanted.seed}"
    return f"Answers of {', '.join(names[:-1])} and {names[-1]} {asked}; {how}"


def cancel(session: Session, actor: Actor, set_id: int) -> ComparisonSet:
    """Ask no more of the models; what they said so far is kept for another try. Conflict where that has ended."""
    found = get_set_for(session, actor, set_id)
    can_make(actor, found.project_id).require()
    late = Conflict("preferences.not_generating", "No models are asked for this set at this moment.")
    at_work = update(Generation).where(Generation.set_id == set_id, Generation.state.in_(AT_WORK))
    change_one(session, at_work.values(state=GenerationState.CANCELLED), otherwise=late)
    record_set(session, actor, "preferences.generation_cancelled", found)
    return found


def retry(session: Session, actor: Actor, set_id: int) -> ComparisonSet:
    """Ask for what is not there yet. Conflict unless it was cancelled or has failed, and for a closed set."""
    found = get_set_for(session, actor, set_id)
    can_make(actor, found.project_id).require()
    late = Conflict("preferences.not_ended", "The models of this set are asked already, or it was closed.")
    is_open = select(ComparisonSet.id).where(ComparisonSet.id == set_id, ComparisonSet.state == SetState.OPEN)
    ended = update(Generation).where(Generation.set_id == set_id, Generation.state.in_(ENDED_BADLY), is_open.exists())
    change_one(session, ended.values(state=GenerationState.QUEUED, failure=""), otherwise=late)
    _enqueue(session, set_id)
    record_set(session, actor, "preferences.generation_retried", found)
    return found


def put_back(session: Session, set_id: int) -> None:
    """Let a set that its trainer had to leave wait for the next trainer."""
    at_work = update(Generation).where(Generation.set_id == set_id, Generation.state == GenerationState.RUNNING)
    if session.scalar(at_work.values(state=GenerationState.QUEUED).returning(Generation.set_id)):
        _enqueue(session, set_id)


def _enqueue(session: Session, set_id: int) -> None:
    enqueue(session, "preferences.generate", lock=f"generate-{set_id}", set_id=set_id)
