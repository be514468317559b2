"""The demo's comparisons: pairs that volunteers once ranked, some of them compared by the demo's people."""

import hashlib
from collections.abc import Callable
from io import BytesIO
from itertools import cycle

from sqlalchemy.orm import Session

from app.demo.play import Stage
from app.demo.texts import DATA
from app.preferences.desk import take_next
from app.preferences.fitting import renew_figures
from app.preferences.judging import Said, answer
from app.preferences.lines import ImportedPair, read_pairs
from app.preferences.making.filling import fill
from app.preferences.making.sets import Wish, make_set
from app.preferences.models import CHOSEN, Choice, Comparison, Strength
from app.preferences.queries import both_responses

COMPARED = 144
KNOWN_FROM = 3  # ranks between chosen and rejected, from which on the demo vouches for the choice


def compare_responses(stage: Stage, tell: Callable[[int, int], None]) -> str:
    """The admin makes a set of imported pairs; people compare some, the rest waits. What it did, in words."""
    with stage.sessions.begin() as session:
        wish = Wish("Answers that volunteers ranked", opinions=2, check_every=12, pairs=ranked_pairs())
        set_id = make_set(session, stage.actor(session, stage.admin_id), stage.project_id, wish).id
        fill(session, set_id)
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
    with stage.sessions.begin() as session:
        renew_figures(session, set_id, seconds=0)
    return f"{made} comparisons made of pairs that volunteers once ranked; the others wait"


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


def dice(*ids: int) -> bytes:
    """Numbers of 0 to 255 that are the same in every demo."""
    return hashlib.sha256(str(ids).encode()).digest()
