"""What asking for texts that are much alike costs, while one types: prompts and responses, against one bare SELECT.

Run: .venv/bin/python -m benchmarks.find_like
"""

import random
import time
from collections.abc import Callable
from functools import partial

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.prompts.fingerprints import prompts_like, remember_next_prompts
from app.prompts.models import Fingerprint
from app.writing.likeness import remember_next_responses, responses_like
from benchmarks.measure import rounds, show
from benchmarks.site import Site, site
from benchmarks.texts import mixed, prompts, written_responses


def remember_all(here: Site, step: Callable[[Session, int, int], int | None]) -> float:
    """Seconds that it takes to keep what all texts of a kind are found by, in batches as the job does."""
    begun = time.perf_counter()
    last: int | None = 0
    while last is not None:
        with here.sessions.begin() as session:
            last = step(session, here.project_id, last)
    with here.bare() as bare:
        bare.execute("VACUUM ANALYZE fingerprints")
    return time.perf_counter() - begun


def one_word_changed(text: str, dice: random.Random) -> str:
    """As somebody would ask again."""
    words = text.split(" ")
    words[dice.randrange(len(words))] = "ochre"
    return " ".join(words)


def measured(here: Site, count: int, times: int = 200) -> dict[str, list[float]]:
    """Milliseconds of asking for a text with one word changed and for one that is like none, by kind and length."""
    dice = random.Random(7)
    asked = [turns[0]["content"] for turns in prompts(min(count, 5_000))]
    answers = list(mixed(written_responses(), min(count, 5_000)))
    fresh = list(mixed(written_responses(), 300, seed=99))
    new_prompts = [text[:100] for text in fresh]
    found = {"prompt": [0, 0], "short response": [0, 0], "long response": [0, 0]}
    texts = {
        "prompt": [text for text in asked if len(text) > 30],
        "short response": [text for text in answers if 60 < len(text) <= 400],
        "long response": [text for text in answers if len(text) > 800],
    }

    def known(kind: str) -> None:
        text = one_word_changed(dice.choice(texts[kind]), dice)
        with here.sessions.begin() as session:
            like = prompts_like if kind == "prompt" else responses_like
            found[kind][0] += bool(like(session, here.project_id, text))
            found[kind][1] += 1

    def unknown(kind: str) -> None:
        text = dice.choice(new_prompts if kind == "prompt" else fresh)
        with here.sessions.begin() as session:
            (prompts_like if kind == "prompt" else responses_like)(session, here.project_id, text)

    def bare() -> None:
        with here.sessions.begin() as session:
            session.scalar(select(func.max(Fingerprint.subject_id)).where(Fingerprint.subject_id == 1))

    actions: dict[str, Callable[[], object]] = {"bare SELECT": bare}
    for kind in found:
        actions[f"{kind}, like one"] = partial(known, kind)
        actions[f"{kind}, like none"] = partial(unknown, kind)
    taken = rounds(actions, times=times)
    print({kind: f"{hits} of {tries} found" for kind, (hits, tries) in found.items()})
    return taken


def main() -> None:
    """Measure at a thousand and at a hundred thousand prompts and as many responses."""
    results = {}
    for count in (1_000, 100_000):
        with site(count) as here:
            here.hand_in_all(count)
            kept = [remember_all(here, step) for step in (remember_next_prompts, remember_next_responses)]
            print(f"{count:,}: prompts kept in {kept[0]:.0f} s, responses in {kept[1]:.0f} s")
            results[f"{count:,} of each"] = measured(here, count)
    show("Much alike", results, yardstick="bare SELECT")


if __name__ == "__main__":
    main()
