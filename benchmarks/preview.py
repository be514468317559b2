"""What a preview of a rule costs while one types, against one bare SELECT of the same rows without their texts.

Run: .venv/bin/python -m benchmarks.preview
"""

import sys
from functools import partial

from app.accounts.models import User
from app.accounts.sign_ins import actor_for
from app.datasets.rule.preview import preview, why_in_or_out
from app.datasets.rule.rules import Rule
from benchmarks.measure import rounds, show
from benchmarks.publish import approve_all
from benchmarks.site import Site, site

PLAIN = Rule(languages=["en"], min_rating=2, approved_from="2020-01-01")
TOGETHER = Rule(min_rating=2, of_prompt="best", per_writer=50_000, max_share=60)
BARE = """
SELECT s.id, s.prompt_id, s.author_id, s.category_id, v.ratings FROM submissions s
JOIN revisions r ON r.submission_id = s.id AND r.number = s.current_revision
JOIN reviews v ON v.revision_id = r.id WHERE s.project_id = %s AND s.status = 'approved' ORDER BY s.id
"""


def bare_select(here: Site) -> None:
    """The ids, categories and ratings of every approved response, as fast as the driver gives them."""
    with here.bare() as bare:
        bare.execute(BARE, [here.project_id]).fetchall()


def counted(here: Site, rule: Rule) -> None:
    """A preview."""
    with here.sessions.begin() as session:
        preview(session, here.project_id, rule)


def explained(here: Site) -> None:
    """Why one response is in or out, by a rule that looks at many together."""
    with here.sessions.begin() as session:
        actor = actor_for(session, session.get_one(User, here.admin_id))
        why_in_or_out(session, actor, here.project_id, TOGETHER, 500)


def main(sizes: list[int]) -> None:
    """Measure at each size."""
    results = {}
    for size in sizes:
        with site(size) as here:
            approve_all(here)
            actions = {
                "no condition": partial(counted, here, Rule()),
                "conditions on each": partial(counted, here, PLAIN),
                "conditions on many": partial(counted, here, TOGETHER),
                "why one is in or out": partial(explained, here),
                "bare SELECT": partial(bare_select, here),
            }
            results[f"{size:,} approved"] = rounds(actions, times=5, warm_up=1)
    show("Preview of a rule", results, yardstick="bare SELECT")


if __name__ == "__main__":
    main([int(size) for size in sys.argv[1:]] or [1_000, 100_000])
