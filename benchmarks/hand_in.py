"""What handing in costs: take, save and hand in, each as a request; against a route that does nothing.

Run: .venv/bin/python -m benchmarks.hand_in
"""

import time

from benchmarks.measure import show
from benchmarks.site import Site, site

TEXT = "Bread is soft because baking swells its starch with water. " * 20


def measured(here: Site, times: int = 60) -> dict[str, list[float]]:
    """Milliseconds of the hand-in alone, and of an empty route in between."""
    taken: dict[str, list[float]] = {"hand in": [], "empty route": []}
    for _ in range(times):
        assignment = here.client.post(f"/api/v1/projects/{here.project_id}/assignments", json={}).json()
        body = {
            "messages": [{"role": "assistant", "content": TEXT}],
            "prompt": None,
            "revision": 0,
            "user_id": here.writer_id,
        }
        draft = here.client.put(f"/api/v1/assignments/{assignment['id']}/draft", json=body).json()
        begun = time.perf_counter()
        answer = here.client.post(
            f"/api/v1/assignments/{assignment['id']}/hand-in", json={"draft_revision": draft["revision"]}
        )
        taken["hand in"].append((time.perf_counter() - begun) * 1000)
        assert answer.status_code in (200, 201), answer.text
        begun = time.perf_counter()
        here.client.get("/health/live")
        taken["empty route"].append((time.perf_counter() - begun) * 1000)
    return taken


def main() -> None:
    """Measure at a thousand and at a hundred thousand prompts."""
    results = {}
    for prompts in (1_000, 100_000):
        with site(prompts) as here:
            results[f"{prompts:,} prompts"] = measured(here)
    show("Hand in", results, yardstick="empty route")


if __name__ == "__main__":
    main()
