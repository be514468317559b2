"""What handing in costs: the whole request, against its bare statements and against a route that does nothing.

Run: .venv/bin/python -m benchmarks.hand_in
"""

import json
from collections.abc import Callable
from functools import partial

from benchmarks.measure import rounds, show
from benchmarks.site import Site, site

TEXT = "Bread is soft because baking swells its starch with water. " * 20


BARE_HAND_IN = """
WITH slot AS (
    UPDATE slots SET filled_at = now() WHERE id = (
        SELECT id FROM slots WHERE project_id = %(project)s AND filled_at IS NULL
        ORDER BY id DESC LIMIT 1 FOR UPDATE SKIP LOCKED
    ) RETURNING id, prompt_id
), assignment AS (
    INSERT INTO assignments (project_id, writer_id, prompt_id, slot_id, is_pair, status, skip_reason)
    SELECT %(project)s, %(writer)s, prompt_id, id, false, 'handed_in', '' FROM slot RETURNING id, prompt_id
), submission AS (
    INSERT INTO submissions (project_id, prompt_id, assignment_id, author_id, status, current_revision, from_newcomer)
    SELECT %(project)s, prompt_id, id, %(writer)s, 'submitted', 1, false FROM assignment RETURNING id
)
INSERT INTO revisions (submission_id, number, author_id, prompt_messages, messages, guidelines_id, draft_revision)
SELECT id, 1, %(writer)s, '[]', %(messages)s, (SELECT max(id) FROM guidelines), 1 FROM submission
"""


def measured(here: Site, times: int = 60) -> dict[str, list[float]]:
    """Milliseconds of handing in 1,200 characters by the API, of its rows alone, and of an empty route."""
    turns = [{"role": "assistant", "content": TEXT}]
    values = {"project": here.project_id, "writer": here.writer_id, "messages": json.dumps(turns)}
    taken: dict[str, list[float]] = {"hand in": [], "bare statement": [], "empty route": []}
    with here.bare() as bare:
        for _ in range(times):
            actions: dict[str, Callable[[], object]] = {
                "hand in": partial(handed_in, here, *drafted(here, turns)),
                "bare statement": lambda: bare.execute(BARE_HAND_IN, values),
                "empty route": lambda: here.client.get("/health/live"),
            }
            for name, milliseconds in rounds(actions, times=1, warm_up=0).items():
                taken[name] += milliseconds
    return taken


def drafted(here: Site, turns: list[dict[str, str]]) -> tuple[int, int]:
    """A draft that waits to be handed in: the ids of its assignment and its revision."""
    assignment = here.client.post(f"/api/v1/projects/{here.project_id}/assignments", json={}).json()
    body = {"messages": turns, "prompt": None, "revision": 0, "user_id": here.writer_id}
    draft = here.client.put(f"/api/v1/assignments/{assignment['id']}/draft", json=body).json()
    return assignment["id"], draft["revision"]


def handed_in(here: Site, assignment_id: int, revision: int) -> None:
    """Hand it in."""
    answer = here.client.post(f"/api/v1/assignments/{assignment_id}/hand-in", json={"draft_revision": revision})
    assert answer.status_code in (200, 201), answer.text


def main() -> None:
    """Measure at a thousand and at a hundred thousand prompts."""
    results = {}
    for prompts in (1_000, 100_000):
        with site(prompts) as here:
            results[f"{prompts:,} prompts"] = measured(here)
    show("Hand in", results, yardstick="empty route")


if __name__ == "__main__":
    main()
