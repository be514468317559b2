"""What asking for texts that are much alike costs, while one types: prompts and responses, against one bare SELECT.

Run: .venv/bin/python -m benchmarks.find_like
"""

import json
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

HAND_IN = """
WITH numbered AS (SELECT row_number() OVER () AS number, messages FROM answered),
asked AS (SELECT row_number() OVER (ORDER BY id) AS number, id, project_id FROM prompts WHERE project_id = %(project)s),
work AS (
    INSERT INTO assignments (project_id, writer_id, prompt_id, is_pair, status, skip_reason)
    SELECT project_id, %(writer)s, id, false, 'handed_in', '' FROM asked RETURNING id, prompt_id
), handed AS (
    INSERT INTO submissions (project_id, prompt_id, assignment_id, author_id, status, current_revision, from_newcomer)
    SELECT %(project)s, prompt_id, id, %(writer)s, 'submitted', 1, false FROM work RETURNING id, prompt_id
)
INSERT INTO revisions (submission_id, number, author_id, prompt_messages, messages, guidelines_id, draft_revision)
SELECT h.id, 1, %(writer)s, '[]', n.messages, (SELECT max(id) FROM guidelines), 1
FROM handed h JOIN asked a ON a.id = h.prompt_id JOIN numbered n USING (number)
"""


def hand_in_all(here: Site, count: int) -> None:
    """A response to every prompt, by SQL: the demo's, with half of the words exchanged."""
    with here.bare() as bare:
        bare.execute("CREATE TEMPORARY TABLE answered (messages jsonb)")
        with bare.cursor().copy("COPY answered FROM STDIN") as copy:
            for text in mixed(written_responses(), count):
                copy.write_row((json.dumps([{"role": "assistant", "content": text}]),))
        bare.execute(HAND_IN, {"project": here.project_id, "writer": here.writer_id})


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
            hand_in_all(here, count)
            kept = [remember_all(here, step) for step in (remember_next_prompts, remember_next_responses)]
            print(f"{count:,}: prompts kept in {kept[0]:.0f} s, responses in {kept[1]:.0f} s")
            results[f"{count:,} of each"] = measured(here, count)
    show("Much alike", results, yardstick="bare SELECT")


if __name__ == "__main__":
    main()
