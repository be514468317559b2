"""The demo's comparisons: answers that volunteers ranked; its people compared some and put some in order."""

import hashlib
from collections.abc import Callable
from dataclasses import replace
from io import BytesIO
from itertools import cycle, islice

from sqlalchemy import select
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
from app.preferences.models import BETWEEN, CHOSEN, REJECTED, Choice, ComparedResponse, Comparison, Strength
from app.preferences.queries import both_responses
from app.preferences.ranking.desk import take_ranking
from app.preferences.ranking.models import Ordered, Ordering
from app.preferences.ranking.putting import Put
from app.preferences.ranking.putting import put_in_order as order

COMPARED = 132
BY_ONE = 70  # pairs that one person judges; of the others two do, so that it can be told how far people agree
SECOND = 6  # rankings on which two people have an opinion, and as many on which one has
BY_RANK = (CHOSEN, BETWEEN, REJECTED)
KNOWN_FROM = 3  # ranks between chosen and rejected, from which on the demo vouches for the choice


def compare_responses(stage: Stage, tell: Callable[[int, int], None]) -> str:
    """The admin makes two sets of imported pairs and one of rankings; people judge most, the rest waits. What it did,
    in words."""
    pairs, several = parted(ranked_pairs())
    put_in_order(stage, several)
    name = "Answers that volunteers ranked"
    set_ids = [
        filled(stage, Wish(f"{name}, one opinion each", opinions=1, check_every=0, pairs=pairs[:BY_ONE])),
        filled(stage, Wish(name, opinions=2, check_every=12, pairs=pairs[BY_ONE:])),
    ]
    people = cycle([*stage.writer_ids, *stage.reviewer_ids])
    made = 0
    for done, person_id in zip(range(1, COMPARED + 1), people, strict=False):
        with stage.sessions.begin() as session:
            person = stage.actor(session, person_id)
            comparison = take_next(session, person, stage.project_id)
            if comparison:
                answer(session, person, comparison.id, scripted(session, comparison))
                made += 1
        tell(done, COMPARED)
    for set_id in set_ids:
        with stage.sessions.begin() as session:
            renew_figures(session, set_id, seconds=0)
    return (
        f"{made} comparisons made of pairs that volunteers once ranked, and {2 * SECOND} prompts put in order; "
        "the others wait"
    )


def filled(stage: Stage, wish: Wish) -> int:
    """The id of a set that the admin makes, with its pairs: no worker runs yet."""
    with stage.sessions.begin() as session:
        made = make_set(session, stage.actor(session, stage.admin_id), stage.project_id, wish)
        fill(session, made.id)
        return made.id


def put_in_order(stage: Stage, several: list[ImportedPair]) -> None:
    """A reviewer puts the answers to each of these prompts in order, a writer those of half of them: so many of these
    rankings wait for a visitor."""
    set_id = filled(stage, Wish("Three answers in order", opinions=2, ranks=4, pairs=several))
    for person_id, most in ((stage.reviewer_ids[0], 2 * SECOND), (stage.writer_ids[1], SECOND)):
        for _ in range(most):
            with stage.sessions.begin() as session:
                person = stage.actor(session, person_id)
                if ordering := take_ranking(session, person, stage.project_id):
                    order(session, person, ordering.id, Put(Ordered.ORDERED, scripted_places(session, ordering)))
    with stage.sessions.begin() as session:
        renew_figures(session, set_id, seconds=0)


def parted(pairs: list[ImportedPair]) -> tuple[list[ImportedPair], list[ImportedPair]]:
    """The pairs that are judged by themselves, and those of the first prompts of which three or more answers are known:
    these are put in order, and vouched for by nobody."""
    answers: dict[str, set[str]] = {}
    for one in pairs:
        answers.setdefault(key_of(one.prompt), set()).update(key_of(said) for said in (one.chosen, one.rejected))
    ranked = set(islice((prompt for prompt, said in answers.items() if len(said) > 2), 2 * SECOND))
    several = [replace(one, known=False) for one in pairs if key_of(one.prompt) in ranked]
    return [one for one in pairs if key_of(one.prompt) not in ranked], several


def ranked_pairs() -> list[ImportedPair]:
    """The pairs of the demo's file; where the two ranks lie far apart, the choice is vouched for."""
    pairs = read_pairs(BytesIO((DATA / "preferences.jsonl").read_bytes()))
    return [
        ImportedPair(one.prompt, one.chosen, one.rejected, one.language, is_clear(one), one.details) for one in pairs
    ]


def is_clear(pair: ImportedPair) -> bool:
    """Whether volunteers ranked one far above the other."""
    return bool(pair.details["rejected_rank"] - pair.details["chosen_rank"] >= KNOWN_FROM)


def scripted(session: Session, comparison: Comparison) -> Said:
    """What the script says for somebody: mostly what most say, and that is mostly what the volunteers chose. Not a
    judgement."""
    responses = both_responses(session, comparison.pair)
    chosen = next((one.id for one in responses.values() if one.source == CHOSEN), comparison.pair.first_id)
    crowd, own = dice(comparison.pair_id), dice(comparison.pair_id, comparison.person_id)
    if own[0] < 20:
        return Said(Choice.TIE)
    likes_chosen = (crowd[0] < 220) == (own[0] < 220)
    likes_left = (comparison.left_id == chosen) == likes_chosen
    strength = list(Strength)[own[1] % 3]
    return Said(Choice.LEFT if likes_left else Choice.RIGHT, strength, ["helpful"] if own[2] < 90 else [])


def scripted_places(session: Session, ordering: Ordering) -> list[int]:
    """In which order the script puts answers for somebody: mostly as the volunteers did. Not a judgement."""
    found = session.scalars(select(ComparedResponse).where(ComparedResponse.id.in_(ordering.laid)))
    likes = {one.id: 100 * BY_RANK.index(one.source) + dice(one.id, ordering.person_id)[0] for one in found}
    best_first = sorted(ordering.laid, key=lambda response_id: likes[response_id])
    return [best_first.index(response_id) + 1 for response_id in ordering.laid]


def dice(*ids: int) -> bytes:
    """Numbers of 0 to 255 that are the same in every demo."""
    return hashlib.sha256(str(ids).encode()).digest()
