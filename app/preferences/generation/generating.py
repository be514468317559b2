"""Getting the answers that a set asks of models: one transaction an answer, so a kill loses one at most."""

from collections.abc import Sequence
from contextlib import closing

from sqlalchemy import Exists, Select, or_, select, update
from sqlalchemy.orm import Session

from app.core.errors import Conflict
from app.core.jobs import job_session, leaving, surroundings
from app.preferences.fitting import PATIENT
from app.preferences.generation import wanting
from app.preferences.generation.answering import CannotAnswer, answer_of
from app.preferences.generation.pairing import add_pairs_of_answers
from app.preferences.generation.prompts import choose, left_out_in_words
from app.preferences.making.dealing import add_prompts
from app.preferences.material import Asked, runs_of, stand_before_erasure
from app.preferences.models import (
    AT_WORK,
    ComparedResponse,
    ComparisonPrompt,
    ComparisonSet,
    Generation,
    GenerationState,
    PromptRule,
    SetState,
    SourceKind,
)
from app.preferences.queries import emptied_responses, erased_prompts, prompts_without_consent
from app.prompts.messages import one_turn
from app.prompts.models import Prompt
from app.training.descent import is_retired_run
from app.training.models import Run
from app.training.playground.answering import Said
from app.training.playground.folders import one_of, require_model
from app.training.playground.ways import Playground, Way

NO_PROMPTS = (
    "There is no prompt to ask: an approved one is needed that is not of the test split, nor much like one that is."
)
NO_TESTED = (
    "There is no prompt to ask: none of the test split is left that is not rejected and from which these runs have "
    "learned nothing."
)
ERASED_MEANWHILE = "A person was erased meanwhile whose texts were in this. Make the set anew."
BROKEN = "Penset could not go on; the trainer's log says why. What was answered is kept for another try."
NO_PAIRS = "The models gave no prompt two different answers, so there is nothing to compare."
NO_CONSENT = "whose proposer has taken their consent back"


def carry_out(set_id: int) -> None:
    """Ask, keep, and open the set. Done again, after a kill or a failure, it goes on where it stood."""
    try:
        go_on(set_id)
    except CannotAnswer as why:
        with job_session() as session:
            fail(session, set_id, str(why))
    except Exception:  # the edge of the job: the page must say so, and the log says what it was
        with job_session() as session:
            fail(session, set_id, BROKEN)
        raise


def go_on(set_id: int) -> None:
    """Take it into work, choose the prompts where that was not done, ask, and make the pairs."""
    with job_session() as session:
        wanted = begin(session, set_id)
        runs = runs_of(session, wanted.run_ids) if wanted else []
    if wanted is not None and wanted.total == 0:
        with job_session() as session:
            session.execute(PATIENT)
            chosen = choose(session, wanted.project_id, wanted.prompts, wanted.most, runs)
        with job_session() as session:
            wanted = keep_chosen(session, set_id, runs, *chosen)
    if wanted is None:
        return
    with closing(Playground(surroundings.settings).way) as way:
        if ask_all(way, wanted, runs):
            with job_session() as session:
                finish(session, set_id)


def begin(session: Session, set_id: int) -> Generation | None:
    """Take it into work. None where nothing is left to do."""
    taken = update(Generation).where(Generation.set_id == set_id, Generation.state.in_(AT_WORK), _is_open(set_id))
    return session.scalar(taken.values(state=GenerationState.RUNNING).returning(Generation))


def keep_chosen(
    session: Session, set_id: int, runs: Sequence[Run], asked: Sequence[Asked], left_out: str
) -> Generation | None:
    """Store the prompts that were chosen and that stand as they stood then: comparing texts takes a while, in which
    the project is not locked. None where it is wanted no longer, or nothing is left to ask."""
    made = session.get_one(ComparisonSet, set_id)
    stand_before_erasure(session, made.project_id)
    at_work = select(Generation).where(Generation.set_id == set_id, Generation.state == GenerationState.RUNNING)
    wanted = session.scalar(at_work.where(_is_open(set_id)).with_for_update())
    if wanted is None:
        return None
    ids = [one.prompt_id for one in asked]
    now = {prompt.id: prompt.messages for prompt in session.scalars(select(Prompt).where(Prompt.id.in_(ids)))}
    stand = [one for one in asked if one.prompt_id and now[one.prompt_id] == one.messages]
    made.left_out = left_out
    add_prompts(session, made, stand)
    wanted.total = len(stand) * len(wanting.sources_of(runs, bases=wanted.bases))
    session.flush()
    if not stand:
        fail(session, set_id, NO_TESTED if wanted.prompts is PromptRule.TEST else NO_PROMPTS)
        return None
    return wanted


def ask_all(way: Way, wanted: Generation, runs: Sequence[Run]) -> bool:
    """Ask one model after the other. False where nobody wants it to go on."""
    if way.missing:
        raise CannotAnswer(way.missing)
    sources = wanting.sources_of(runs, bases=wanted.bases)
    return all(ask_source(way, wanted, name, run, is_base=is_base) for name, run, is_base in sources)


def ask_source(way: Way, wanted: Generation, name: str, run: Run, *, is_base: bool) -> bool:
    """Ask one model all that it has not answered yet. False where nobody wants it to go on."""
    storage = surroundings.storage
    with job_session() as session:
        try:
            require_model(session, storage, run)
            pair = one_of(storage, run, surroundings.settings, "base" if is_base else "tuned")
        except Conflict as why:
            raise CannotAnswer(why.sentence) from None
        waiting = session.scalars(unasked(wanted.set_id, name)).all()
    how = {"temperature": wanted.temperature, "max_tokens": wanted.max_tokens, "seed": wanted.seed}
    for prompt in waiting:
        if not is_unasked(prompt, name):
            continue
        said = answer_of(way, pair, prompt.messages, how, leaving.is_set)
        with job_session() as session:
            if said is None or leaving.is_set():
                wanting.put_back(session, wanted.set_id)
                return False
            if not keep(session, wanted.set_id, prompt, name, run, said):
                return False
    return True


def is_unasked(prompt: ComparisonPrompt, name: str) -> bool:
    """Whether this source is still to be asked that: while it answered others, the prompt may have lost its consent."""
    with job_session() as session:
        return session.scalar(unasked(prompt.set_id, name).where(ComparisonPrompt.id == prompt.id)) is not None


def unasked(set_id: int, name: str) -> Select[ComparisonPrompt]:
    """The prompts of a set that this source has not answered, without those that have lost their consent."""
    said = select(ComparedResponse.id).where(
        ComparedResponse.comparison_prompt_id == ComparisonPrompt.id, ComparedResponse.source == name
    )
    found = select(ComparisonPrompt).where(ComparisonPrompt.set_id == set_id, ~said.exists())
    found = found.where(ComparisonPrompt.id.not_in(prompts_without_consent().where(ComparisonPrompt.set_id == set_id)))
    return found.order_by(ComparisonPrompt.id)


def keep(session: Session, set_id: int, prompt: ComparisonPrompt, name: str, run: Run, said: Said) -> bool:
    """Store an answer once. False where it is wanted no longer: cancelled, closed, or somebody was erased meanwhile
    of whose texts it may tell."""
    stand_before_erasure(session, prompt.project_id)
    at_work = select(Generation).where(Generation.set_id == set_id, Generation.state == GenerationState.RUNNING)
    wanted = session.scalar(at_work.where(_is_open(set_id)).with_for_update())
    if wanted is None:
        return False
    now = session.scalar(select(ComparisonPrompt.messages).where(ComparisonPrompt.id == prompt.id))
    if now != prompt.messages or is_retired_run(session, run.id):
        raise CannotAnswer(ERASED_MEANWHILE)
    if session.scalar(unasked(set_id, name).where(ComparisonPrompt.id == prompt.id)) is None:
        return True
    details = {"tokens": said.tokens, "seconds": said.seconds, "ended": said.ended, "failure": said.sentence}
    session.add(
        ComparedResponse(
            project_id=prompt.project_id,
            set_id=set_id,
            comparison_prompt_id=prompt.id,
            messages=one_turn(said.text, "assistant"),
            kind=SourceKind.RUN,
            source=name,
            run_id=run.id,
            details=details,
        )
    )
    wanted.done += 1
    session.flush()
    return True


def finish(session: Session, set_id: int) -> None:
    """All answers are there: make the pairs, and with them the set is open for judging. CannotAnswer without any, and
    where something was erased meanwhile; what has lost its consent is left out. Whoever closes the set does so before,
    or closes these pairs, too."""
    stand_before_erasure(session, session.get_one(ComparisonSet, set_id).project_id)
    still_open = select(ComparisonSet).where(ComparisonSet.id == set_id, ComparisonSet.state == SetState.OPEN)
    made = session.scalar(still_open.with_for_update())
    at_work = update(Generation).where(Generation.set_id == set_id, Generation.state == GenerationState.RUNNING)
    wanted = session.scalar(at_work.values(state=GenerationState.DONE).returning(Generation)) if made else None
    if made is None or wanted is None:
        return
    if was_emptied(session, set_id):
        raise CannotAnswer(ERASED_MEANWHILE)
    lost = set(session.scalars(prompts_without_consent().where(ComparisonPrompt.set_id == set_id)))
    without = left_out_in_words(len(lost), NO_CONSENT)
    if not add_pairs_of_answers(session, made, people=wanted.people, left_out=lost):
        raise CannotAnswer(f"{NO_PAIRS} Left out: {without}." if lost else NO_PAIRS)
    if lost:
        made.left_out = "; ".join(filter(None, (made.left_out, without)))
        wanted.total = wanted.done


def was_emptied(session: Session, set_id: int) -> bool:
    """Whether a person was erased of whom a prompt or an answer of the set told."""
    said = emptied_responses().where(ComparedResponse.set_id == set_id)
    asked = erased_prompts().where(ComparisonPrompt.set_id == set_id)
    return bool(session.scalar(select(or_(said.exists(), asked.exists()))))


def fail(session: Session, set_id: int, why: str) -> None:
    """Write down why it goes no further; it can be tried again."""
    at_work = update(Generation).where(Generation.set_id == set_id, Generation.state.in_(AT_WORK))
    session.execute(at_work.values(state=GenerationState.FAILED, failure=why))


def _is_open(set_id: int) -> Exists:
    return select(ComparisonSet.id).where(ComparisonSet.id == set_id, ComparisonSet.state == SetState.OPEN).exists()
