"""The demo's comparisons: answers that volunteers ranked; its people compared some and put some in order."""

import hashlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from functools import cache
from io import BytesIO
from itertools import cycle, islice

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.demo.play import Stage
from app.demo.texts import DATA
from app.preferences.desk import take_next
from app.preferences.fitting import renew_figures
from app.preferences.judging import Said, answer
from app.preferences.lines import ImportedPair, read_pairs
from app.preferences.making.filling import fill
from app.preferences.making.sets import Wish, make_set
from app.preferences.material import key_of
from app.preferences.models import (
    Choice,
    ComparedResponse,
    Comparison,
    ComparisonPair,
    ComparisonPrompt,
    ComparisonSet,
    PairState,
    Strength,
)
from app.preferences.queries import asked_in, both_responses
from app.preferences.ranking.desk import take_ranking
from app.preferences.ranking.models import Ordered, Ordering, Ranking
from app.preferences.ranking.putting import Put
from app.preferences.ranking.putting import put_in_order as order

HELD_OUT = 40  # prompts of which the pairs only measure: an interval over fewer prompts says little
BY_TWO = 40  # pairs, or a few more, that two people judge: it can be told how far these agree; of the others one does
LEFT = 20  # of these opinions so many are left for a visitor
SECOND = 6  # rankings on which two people have an opinion, and as many on which one has
KNOWN_FROM = 3  # ranks between chosen and rejected, from which on the demo vouches for the choice
NAME = "Answers that volunteers ranked"


def compare_responses(stage: Stage, tell: Callable[[int, int], None]) -> str:
    """The admin makes three sets of imported pairs and one of rankings; people judge most, the rest waits. What it did,
    in words."""
    shares = shared_out(ranked_pairs())
    put_in_order(stage, shares.several)
    set_ids = [
        filled(stage, Wish(f"{NAME}, to measure by", pairs=shares.held_out, measures_only=True)),
        filled(stage, Wish(f"{NAME}, one opinion each", pairs=shares.by_one)),
        filled(stage, Wish(NAME, opinions=2, check_every=12, pairs=shares.by_two)),
    ]
    people = cycle([*stage.writer_ids, *stage.reviewer_ids])
    wanted = wanted_of(stage, set_ids) - LEFT
    made = 0
    for done, person_id in zip(range(1, wanted + 1), people, strict=False):
        with stage.sessions.begin() as session:
            person = stage.actor(session, person_id)
            comparison = take_next(session, person, stage.project_id)
            if comparison:
                answer(session, person, comparison.id, scripted(session, comparison))
                made += 1
        tell(done, wanted)
    for set_id in set_ids:
        with stage.sessions.begin() as session:
            renew_figures(session, set_id, seconds=0)
    return (
        f"{made} comparisons made of pairs that volunteers once ranked, and {2 * SECOND} prompts put in order; "
        "the others wait"
    )


def wanted_of(stage: Stage, set_ids: list[int]) -> int:
    """How many opinions all pairs of these sets want."""
    many = func.sum(ComparisonSet.opinions).filter(ComparisonPair.state == PairState.OPEN)
    pairs = select(many).select_from(ComparisonSet).join(ComparisonPair, ComparisonPair.set_id == ComparisonSet.id)
    with stage.sessions() as session:
        return int(session.scalar(pairs.where(ComparisonSet.id.in_(set_ids))) or 0)


def filled(stage: Stage, wish: Wish) -> int:
    """The id of a set that the admin makes, with its pairs: no worker runs yet."""
    with stage.sessions.begin() as session:
        made = make_set(session, stage.actor(session, stage.admin_id), stage.project_id, wish)
        fill(session, made.id)
        return made.id


def put_in_order(stage: Stage, several: list[ImportedPair]) -> None:
    """A reviewer puts the answers to each of these prompts in order, a writer those of half of them: so many of these
    rankings wait for a visitor."""
    set_id = filled(stage, Wish("Answers to put in order", opinions=2, ranks=4, pairs=several))
    for person_id, most in ((stage.reviewer_ids[0], 2 * SECOND), (stage.writer_ids[1], SECOND)):
        for _ in range(most):
            with stage.sessions.begin() as session:
                person = stage.actor(session, person_id)
                if ordering := take_ranking(session, person, stage.project_id):
                    order(session, person, ordering.id, Put(Ordered.ORDERED, scripted_places(session, ordering)))
    with stage.sessions.begin() as session:
        renew_figures(session, set_id, seconds=0)


@dataclass(frozen=True)
class Shares:
    """What becomes of the demo's pairs: each prompt lies in one share."""

    several: list[ImportedPair]  # put in order
    held_out: list[ImportedPair]
    by_one: list[ImportedPair]
    by_two: list[ImportedPair]


def shared_out(pairs: list[ImportedPair]) -> Shares:
    """The first prompts of which three or more answers are known are put in order; the next ones only measure; of the
    others one person judges most. Only where two do, the demo vouches for a choice: checks are there alone."""
    of_prompt: dict[str, list[ImportedPair]] = {}
    for one in pairs:
        of_prompt.setdefault(key_of(one.prompt), []).append(one)
    ranked = list(islice((key for key, found in of_prompt.items() if len(answers(found)) > 2), 2 * SECOND))
    rest = [key for key in of_prompt if key not in ranked]
    held = sorted(rest, key=lambda key: hashlib.sha256(key.encode()).digest())[:HELD_OUT]
    learned = [of_prompt[key] for key in rest if key not in held]
    by_two = next(many for many in range(len(learned)) if sum(map(len, learned[:many])) >= BY_TWO)

    def unvouched(found: Iterable[ImportedPair]) -> list[ImportedPair]:
        return [replace(one, known=False) for one in found]

    return Shares(
        several=unvouched(one for key in ranked for one in of_prompt[key]),
        held_out=unvouched(one for key in held for one in of_prompt[key]),
        by_one=unvouched(one for found in learned[by_two:] for one in found),
        by_two=[one for found in learned[:by_two] for one in found],
    )


def answers(pairs: list[ImportedPair]) -> set[str]:
    """The different answers in these pairs."""
    return {key_of(said) for one in pairs for said in (one.chosen, one.rejected)}


def ranked_pairs() -> list[ImportedPair]:
    """The pairs of the demo's file; where the two ranks lie far apart, the choice is vouched for."""
    pairs = read_pairs(BytesIO((DATA / "preferences.jsonl").read_bytes()))
    return [
        ImportedPair(one.prompt, one.chosen, one.rejected, one.language, is_clear(one), one.details) for one in pairs
    ]


def is_clear(pair: ImportedPair) -> bool:
    """Whether volunteers ranked one far above the other."""
    return bool(pair.details["rejected_rank"] - pair.details["chosen_rank"] >= KNOWN_FROM)


@cache
def ranks() -> dict[tuple[str, str], int]:
    """How far down the volunteers put each answer to each prompt, 0 being the best."""
    found = {}
    for one in ranked_pairs():
        for said, rank in ((one.chosen, "chosen_rank"), (one.rejected, "rejected_rank")):
            found[key_of(one.prompt), key_of(said)] = int(one.details[rank])
    return found


def scripted(session: Session, comparison: Comparison) -> Said:
    """What the script says for somebody: what the volunteers chose; where two people judge, mostly what most say, and
    that is mostly what the volunteers chose. Not a judgement."""
    asked = key_of(asked_in(session, comparison.pair_id).messages)
    rank_of = {
        one.id: ranks()[asked, key_of(one.messages)] for one in both_responses(session, comparison.pair).values()
    }
    best = min(rank_of, key=lambda response_id: rank_of[response_id])
    crowd, own = dice(comparison.pair_id), dice(comparison.pair_id, comparison.person_id)
    if len(set(rank_of.values())) == 1:
        return Said(Choice.TIE)
    by_two = session.get_one(ComparisonSet, comparison.set_id).opinions > 1
    if by_two and own[0] < 20:
        return Said(Choice.TIE)
    likes_best = not by_two or (crowd[0] < 220) == (own[0] < 220)
    likes_left = (comparison.left_id == best) == likes_best
    strength = list(Strength)[own[1] % 3]
    return Said(Choice.LEFT if likes_left else Choice.RIGHT, strength, ["helpful"] if own[2] < 90 else [])


def scripted_places(session: Session, ordering: Ordering) -> list[int]:
    """In which order the script puts answers for somebody: mostly as the volunteers did. Not a judgement."""
    asked = session.scalars(
        select(ComparisonPrompt.messages)
        .join(Ranking, Ranking.comparison_prompt_id == ComparisonPrompt.id)
        .where(Ranking.id == ordering.ranking_id)
    ).one()
    found = session.scalars(select(ComparedResponse).where(ComparedResponse.id.in_(ordering.laid)))
    likes = {
        one.id: 100 * ranks()[key_of(asked), key_of(one.messages)] + dice(one.id, ordering.person_id)[0]
        for one in found
    }
    best_first = sorted(ordering.laid, key=lambda response_id: likes[response_id])
    return [best_first.index(response_id) + 1 for response_id in ordering.laid]


def dice(*ids: int) -> bytes:
    """Numbers of 0 to 255 that are the same in every demo."""
    return hashlib.sha256(str(ids).encode()).digest()
