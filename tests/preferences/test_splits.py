"""Over any history of versions of both kinds: once test always test, and no cluster on two sides."""

from dataclasses import dataclass, field
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from app.datasets.models import Split
from app.datasets.publish.facts import AnyRow, Fact, Spool
from app.datasets.publish.gather import Gathered
from app.datasets.splits.held_out import Outside
from app.datasets.splits.placing import Placing, place
from app.datasets.splits.preparation import Preparation
from app.preferences.versions.deciding import Decision
from app.preferences.versions.gather import PairFact

SPOOL = Spool()
SPOOL.close()  # nothing is read from it
PLAIN = Preparation()
DECIDED = Decision(1, 2, 1, 1, "", ())


def asked(topic: int, position: int) -> str:
    """A prompt of ten words. Two positions apart it is a near duplicate of one of its topic, four apart it is not."""
    return " ".join(f"{topic * 7919 + at:x}q{topic * 104729 + at * 31:x}" for at in range(position, position + 10))


@dataclass
class Site:
    """A project over time: what is asked in it, and what its versions of either kind settled."""

    prompts: list[tuple[int, int]] = field(default_factory=list)
    kept: dict[int, Split] = field(default_factory=dict)
    measured: set[int] = field(default_factory=set)

    def prompt(self, topic: int, position: int) -> int:
        """The prompt that asks this; a response, and a pair from a file, find the same one."""
        if (topic, position * 2) not in self.prompts:
            self.prompts.append((topic, position * 2))
        return self.prompts.index((topic, position * 2)) + 1

    def publish(self, rows: list[AnyRow]) -> Placing[Any] | None:
        """The next version, of these rows; None where it would be empty."""
        if not rows:
            return None
        texts = [(number, asked(*one)) for number, one in enumerate(self.prompts, 1)]
        rows.sort(key=lambda one: one.prompt_id)
        gathered = Gathered(rows, SPOOL, [], texts, dict(self.kept), Outside(), {}, {})
        placing = place(gathered, rows, PLAIN, "p")
        self.kept |= placing.split_of
        return placing


def row(prompt_id: int, *, of_pair: bool, measures: bool) -> AnyRow:
    """A row of a version of either kind."""
    of_any: dict[str, Any] = {
        "prompt_id": prompt_id, "author_id": None, "annotator": "", "category": "", "category_id": None,
        "language": "en", "licence": "", "source": "", "start": 0, "size": 0,
    }  # fmt: skip
    if of_pair:
        return PairFact(
            **of_any, only_tested=measures, pair_id=1, set="", decided=DECIDED, chosen_source="", rejected_source="",
            chosen_characters=1, rejected_characters=1,
        )  # fmt: skip
    return Fact(
        **of_any, submission_id=1, revision_id=1, guidelines=1, turns=2, prompt_characters=1, response_characters=1
    )


ROW = st.tuples(st.integers(0, 4), st.integers(0, 5), st.booleans())
STEP = st.tuples(st.booleans(), st.lists(ROW, max_size=20))


@settings(max_examples=40, deadline=None)
@given(history=st.lists(STEP, min_size=2, max_size=6))
def test_over_any_history_of_both_kinds_no_prompt_leaves_test_and_no_cluster_straddles(
    history: list[tuple[bool, list[tuple[int, int, bool]]]],
) -> None:
    site = Site()
    for of_pairs, rows in history:
        before = dict(site.kept)
        made = [row(site.prompt(a, b), of_pair=of_pairs, measures=only) for a, b, only in rows]
        site.measured |= {one.prompt_id for one in made if one.only_tested}
        placing = site.publish(made)
        if placing is None:
            continue
        tested = {prompt_id for prompt_id, split in before.items() if split is Split.TEST}
        assert {site.kept[one] for one in tested | site.measured} <= {Split.TEST}
        trained = {
            one.prompt_id for part, held in placing.parts.items() for one in held if part.in_split is not Split.TEST
        }
        assert not trained & (tested | site.measured)
        splits_of: dict[int, set[Split]] = {}
        for prompt_id, cluster in placing.cluster_of.items():
            splits_of.setdefault(cluster, set()).add(placing.split_of[prompt_id])
        assert all(len(one) == 1 for one in splits_of.values())
