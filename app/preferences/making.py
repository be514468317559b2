"""Making and closing a comparison set: every two responses of a prompt, or of one page of it, are a pair."""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations, zip_longest

from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.accounts.actor import Actor
from app.core.audit import record
from app.core.database import change_one
from app.core.errors import Conflict, Invalid, Place
from app.preferences.lines import ImportedPair
from app.preferences.material import Asked, of_people, of_runs, with_imported, without_test
from app.preferences.models import (
    AT_WORK,
    ComparedResponse,
    ComparisonPair,
    ComparisonPrompt,
    ComparisonSet,
    Generation,
    GenerationState,
    PairState,
    SetState,
)
from app.preferences.policy import can_make
from app.preferences.queries import get_set_for
from app.preferences.ranking.models import Ranking, RankingState
from app.preferences.versions.identity import name_prompts
from app.projects.models import Project
from app.projects.queries import get_project_for

PAIRS_LIMIT = 5_000


@dataclass(frozen=True)
class Wish:
    """What a set is to be: responses of people, pairs of a file, or the answers of finished runs."""

    name: str
    ranks: int = 0
    opinions: int = 1
    asks_strength: bool = True
    check_every: int = 0
    people: bool = False
    pairs: Sequence[ImportedPair] = ()
    run_ids: Sequence[int] = ()


def make_set(session: Session, actor: Actor, project_id: int, wish: Wish) -> ComparisonSet:
    """Make a set of what the wish names. Invalid where that leaves nothing to compare.

    Runs answer prompts of the test split, so what compares them only measures; any other set leaves these out.
    """
    project = get_project_for(session, actor, project_id)
    can_make(actor, project.id).require()
    if wish.run_ids and (wish.people or wish.pairs):
        raise Invalid(
            "preferences.two_kinds",
            "Runs answer prompts that nothing may be trained on: compare them in a set of their own.",
            Place("/run_ids", "cannot stand beside people or pairs"),
        )
    # Whoever is erased meanwhile is erased before or after, not between what is read and what is stored.
    session.execute(select(Project.id).where(Project.id == project_id).with_for_update(read=True))
    asked, left_out = take(session, actor, project_id, wish)
    made = ComparisonSet(
        project_id=project_id,
        name=wish.name,
        rule=in_words(wish),
        left_out=left_out,
        ranks=wish.ranks,
        opinions=wish.opinions,
        asks_strength=wish.asks_strength and not wish.ranks,
        check_every=wish.check_every,
        measures_only=bool(wish.run_ids),
        created_by=actor.user_id,
    )
    add_set(session, made)
    prompts = add_prompts(session, made, list(asked.values()))
    add_pairs(session, made, prompts, list(asked.values()))
    record_set(session, actor, "preferences.set_made", made)
    return made


def add_set(session: Session, made: ComparisonSet) -> None:
    """Store a set. Conflict where its project has one of that name."""
    try:
        with session.begin_nested():
            session.add(made)
    except IntegrityError:
        raise Conflict("preferences.name_taken", "This project has a comparison set of that name already.") from None


def take(session: Session, actor: Actor, project_id: int, wish: Wish) -> tuple[dict[str, Asked], str]:
    """The prompts with at least two different responses, and in words what was left out."""
    if wish.run_ids:
        taken = found = of_runs(session, actor, project_id, wish.run_ids)
    else:
        found = with_imported(of_people(session, project_id) if wish.people else {}, wish.pairs)
        found = {key: one for key, one in found.items() if len(one.answers) > 1}
        taken = without_test(session, project_id, found)
    kept = {key: one for key, one in taken.items() if len(one.answers) > 1}
    pages = [page for one in kept.values() for page in deal(len(one.answers), wish.ranks)]
    many = sum(len(page) * (len(page) - 1) // 2 for page in pages)
    if not many:
        raise Invalid(
            "preferences.nothing_to_compare",
            "There is no prompt with two different responses in this: nothing was stored. Prompts of the test split, "
            "and those much like one, are left out unless runs are compared.",
        )
    if many > PAIRS_LIMIT:
        raise Invalid("preferences.too_many", f"That gives {many:,} pairs; a set has at most {PAIRS_LIMIT:,}.")
    lost = len(found) - len(taken)
    return kept, f"{lost} {'prompt' if lost == 1 else 'prompts'} of the test split, or much like one" if lost else ""


def in_words(wish: Wish) -> str:
    """What was taken."""
    if wish.run_ids:
        many = len(wish.run_ids)
        runs = f"{many} {'run' if many == 1 else 'runs'}"
        return f"What {runs}, and the models that they began with, said to prompts never seen"
    taken = ["approved responses of people"] if wish.people else []
    if wish.pairs:
        taken.append(f"{len(wish.pairs)} imported {'pair' if len(wish.pairs) == 1 else 'pairs'}")
    return " and ".join(taken).capitalize()


def add_prompts(session: Session, made: ComparisonSet, asked: Sequence[Asked]) -> list[ComparisonPrompt]:
    """Store the prompts of a set, in this order."""
    prompts = [
        ComparisonPrompt(
            project_id=made.project_id,
            set_id=made.id,
            prompt_id=one.prompt_id,
            messages=list(one.messages),
            language=one.language,
            answered=one.answered,
        )
        for one in asked
    ]
    session.add_all(prompts)
    session.flush()
    return prompts


def add_pairs(
    session: Session, made: ComparisonSet, prompts: Sequence[ComparisonPrompt], asked: Sequence[Asked]
) -> int:
    """Store the responses to these prompts that are not stored yet, and every pair. How many pairs there are."""
    rows = {(place, at): answer for place, one in enumerate(asked) for at, answer in enumerate(one.answers)}
    ids = {where: answer.response_id for where, answer in rows.items() if answer.response_id}
    responses = {
        where: ComparedResponse(
            project_id=made.project_id,
            set_id=made.id,
            comparison_prompt_id=prompts[where[0]].id,
            messages=list(answer.messages),
            kind=answer.kind,
            source=answer.source,
            submission_id=answer.submission_id,
            run_id=answer.run_id,
            details=dict(answer.details),
        )
        for where, answer in rows.items()
        if where not in ids
    }
    session.add_all(responses.values())
    session.flush()
    ids |= {where: response.id for where, response in responses.items()}
    pages = [deal(len(one.answers), made.ranks) for one in asked]
    at_home = [{at: ids[place, at] for at in range(len(one.answers))} for place, one in enumerate(asked)]
    rankings = {
        (place, at): ranking_of(made, prompts[place], one, at_home[place], page)
        for place, one in enumerate(asked if made.ranks else ())
        for at, page in enumerate(pages[place])
        if not is_vouched_for(one, page)
    }
    session.add_all(rankings.values())
    session.flush()
    by_prompt = [
        [
            pair_of(made, prompts[place], one, at_home[place], two, rankings.get((place, at)))
            for at, page in enumerate(pages[place])
            for two in combinations(page, 2)
        ]
        for place, one in enumerate(asked)
    ]
    # One pair of each prompt, then the next of each: what is judged first is spread over prompts.
    session.add_all(pair for round_ in zip_longest(*by_prompt) for pair in round_ if pair)
    session.flush()
    name_prompts(session, made.project_id)
    return sum(map(len, by_prompt))


def pair_of(
    made: ComparisonSet,
    prompt: ComparisonPrompt,
    asked: Asked,
    ids: Mapping[int, int],
    two: tuple[int, int],
    ranking: Ranking | None,
) -> ComparisonPair:
    """Two responses of one prompt, by the places that they have there. Of a ranking it is closed: never given."""
    one, other = two
    known = next((pair for pair in ((one, other), (other, one)) if pair in asked.known), None)
    first, second = sorted((ids[one], ids[other]))
    by_itself = PairState.KNOWN if known else PairState.OPEN
    return ComparisonPair(
        project_id=made.project_id,
        set_id=made.id,
        comparison_prompt_id=prompt.id,
        first_id=first,
        second_id=second,
        known_better_id=ids[known[0]] if known else None,
        ranking_id=ranking.id if ranking else None,
        not_for=sorted(asked.answers[one].not_for | asked.answers[other].not_for),
        answered=prompt.answered,
        wanted=made.opinions,
        state=PairState.CLOSED if ranking else by_itself,
    )


def is_vouched_for(asked: Asked, page: Sequence[int]) -> bool:
    """Whether nothing lies on a page but two of which one is known to be better: that is a check, and no ranking."""
    return len(page) == 2 and any(pair in asked.known for pair in (tuple(page), tuple(reversed(page))))


def ranking_of(
    made: ComparisonSet, prompt: ComparisonPrompt, asked: Asked, ids: Mapping[int, int], page: Sequence[int]
) -> Ranking:
    """The responses that are put in order on one page, by the places that they have in their prompt."""
    return Ranking(
        project_id=made.project_id,
        set_id=made.id,
        comparison_prompt_id=prompt.id,
        response_ids=sorted(ids[at] for at in page),
        not_for=sorted(frozenset[int]().union(*(asked.answers[at].not_for for at in page))),
        answered=prompt.answered,
        wanted=made.opinions,
    )


def deal(many: int, most: int) -> list[list[int]]:
    """Deal so many places out by chance to pages of at most `most`, as even as can be; on one where `most` is 0."""
    dealt = list(range(many))
    if most:
        secrets.SystemRandom().shuffle(dealt)
    pages = -(-many // most) if most else 1
    return [sorted(dealt[at::pages]) for at in range(pages)]


def close_set(session: Session, actor: Actor, set_id: int) -> ComparisonSet:
    """Let nothing of a set be judged any more; what was said stays. Conflict where it is closed."""
    found = get_set_for(session, actor, set_id)
    can_make(actor, found.project_id).require()
    still_open = update(ComparisonSet).where(ComparisonSet.id == set_id, ComparisonSet.state == SetState.OPEN)
    late = Conflict("preferences.closed_already", "This set was closed already.")
    change_one(session, still_open.values(state=SetState.CLOSED), otherwise=late)
    # Rankings before their pairs, as with whoever puts one in order.
    rankings = select(Ranking.id).where(Ranking.set_id == set_id)
    session.execute(rankings.order_by(Ranking.id).with_for_update())
    # Done ones as well: an undo that came first has opened one, and one that comes later finds the set closed.
    all_of_it = select(ComparisonPair.id).where(ComparisonPair.set_id == set_id)
    session.execute(all_of_it.order_by(ComparisonPair.id).with_for_update())
    given_back = {"lease_holder_id": None, "lease_expires_at": None}
    waiting = update(Ranking).where(Ranking.set_id == set_id, Ranking.state == RankingState.OPEN)
    session.execute(
        waiting.values({"state": RankingState.CLOSED, **given_back}),
        execution_options={"synchronize_session": False},
    )
    ended = {"state": PairState.CLOSED, **given_back}
    waits = (ComparisonPair.set_id == set_id, ComparisonPair.state.in_((PairState.OPEN, PairState.KNOWN)))
    session.execute(
        update(ComparisonPair).where(*waits).values(ended), execution_options={"synchronize_session": False}
    )
    asked = update(Generation).where(Generation.set_id == set_id, Generation.state.in_(AT_WORK))
    session.execute(asked.values(state=GenerationState.CANCELLED))
    record_set(session, actor, "preferences.set_closed", found)
    session.refresh(found)
    return found


def record_set(session: Session, actor: Actor, action: str, made: ComparisonSet) -> None:
    """Who did what with a set."""
    record(
        session, action, "comparison_set", made.id,
        actor_id=actor.user_id, origin=actor.origin, project_id=made.project_id,
    )  # fmt: skip
