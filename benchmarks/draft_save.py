"""What saving a draft costs: the whole request, against the bare UPDATE and against a route that does nothing.

Run: .venv/bin/python -m benchmarks.draft_save
"""

import json

from benchmarks.measure import rounds, show
from benchmarks.site import Site, site

TEXT = "Bread is soft because baking swells its starch with water. " * 20


def measured(here: Site, times: int = 200) -> dict[str, list[float]]:
    """Milliseconds of a save of 1,200 characters by the API, of its UPDATE alone, and of an empty route."""
    taken = here.client.post(f"/api/v1/projects/{here.project_id}/assignments", json={}).json()
    revision = 0

    def save() -> None:
        nonlocal revision
        messages = [{"role": "assistant", "content": f"{TEXT}{revision}"}]
        body = {"messages": messages, "prompt": None, "revision": revision, "user_id": here.writer_id}
        answer = here.client.put(f"/api/v1/assignments/{taken['id']}/draft", json=body)
        assert answer.status_code == 200, answer.text
        revision = answer.json()["revision"]

    with here.bare() as bare:
        bare.execute("CREATE TABLE bare_drafts (id int PRIMARY KEY, messages jsonb, revision int)")
        bare.execute("INSERT INTO bare_drafts VALUES (1, '[]', 0)")
        content = json.dumps([{"role": "assistant", "content": TEXT}])
        return rounds(
            {
                "draft save": save,
                "bare UPDATE": lambda: bare.execute(
                    "UPDATE bare_drafts SET messages = %s, revision = revision + 1 WHERE id = 1", (content,)
                ),
                "empty route": lambda: here.client.get("/health/live"),
            },
            times=times,
        )


def main() -> None:
    """Measure at a thousand and at a hundred thousand prompts."""
    results = {}
    for prompts in (1_000, 100_000):
        with site(prompts) as here:
            results[f"{prompts:,} prompts"] = measured(here)
    show("Draft save", results, yardstick="empty route")


if __name__ == "__main__":
    main()
