"""Who and what is held out is tested on and never trained on, over any history of any datasets of a project."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import cast

from hypothesis import given, settings
from hypothesis import strategies as st

from app.datasets.models import Part, Split
from app.datasets.publish.facts import Fact, Spool
from app.datasets.publish.gather import Gathered
from app.datasets.splits.held_out import Answer, Outside, choose_writers
from app.datasets.splits.joined import Joined
from app.datasets.splits.placing import Placing, place
from app.datasets.splits.preparation import Preparation

SPOOL = cast(Spool, None)  # placing reads no text of a row


def by_writers(*rows: int, category: int = 1) -> list[Answer]:
    """Rows of writers 1, 2, …, as many of each, every row in a cluster of its own."""
    writers = [writer for writer, count in enumerate(rows, 1) for _ in range(count)]
    return [Answer(writer, category, cluster) for cluster, writer in enumerate(writers, 1)]


def held(answers: Sequence[Answer], percent: int, outside: Outside | None = None) -> frozenset[int]:
    return choose_writers(answers, outside or Outside(), percent, set(), "p")


def test_as_many_writers_are_held_out_as_it_takes() -> None:
    answers = by_writers(*[10] * 10)
    assert len(held(answers, 10)) == 1
    assert len(held(answers, 30)) == 3


def test_nobody_is_held_out_who_alone_makes_a_category() -> None:
    alone = by_writers(10, category=1) + [Answer(2, 2, cluster) for cluster in range(11, 21)]
    assert held(alone, 50) == frozenset()


def test_nobody_is_held_out_who_wrote_far_more_than_is_asked_for() -> None:
    assert held(by_writers(90, 90), 5) == frozenset()


def test_who_was_held_out_stays_and_counts() -> None:
    answers = by_writers(*[10] * 10)
    assert held(answers, 10, Outside(writers=frozenset({7}))) == {7}


def test_those_on_whom_nothing_was_trained_are_held_out_first() -> None:
    answers = by_writers(*[10] * 10)
    fresh = {one.cluster for one in answers if one.author_id != 4}
    assert choose_writers(answers, Outside(), 10, fresh, "p") == {4}


def test_two_projects_do_not_hold_out_the_same_writers() -> None:
    answers = by_writers(*[10] * 30)
    assert choose_writers(answers, Outside(), 30, set(), "1") != choose_writers(answers, Outside(), 30, set(), "2")


def test_what_was_imported_is_no_writer_and_is_not_counted_among_what_people_wrote() -> None:
    written = by_writers(*[10] * 10)
    imported = [Answer(None, 1, cluster) for cluster in range(1000, 3000)]
    assert held([*written, *imported], 10) == held(written, 10)


def test_an_unfamiliar_kind_is_unfamiliar_by_any_writer() -> None:
    outside = Outside(frozenset({7}), frozenset({3}))
    assert outside.part(7, 3, Split.TEST) is Part.TEST_CATEGORIES
    assert outside.part(7, 1, Split.TEST) is Part.TEST_WRITERS
    assert outside.part(8, None, Split.TRAIN) is Part.TRAIN


def asked(topic: int, position: int) -> str:
    """A prompt of ten words. Two positions apart it is a near duplicate of one of its topic, four apart it is not."""
    return " ".join(
        f"{topic * 7919 + word:x}q{topic * 104729 + word * 31:x}" for word in range(position, position + 10)
    )


@dataclass
class Site:
    """A project over time: its prompts and rows, and what its versions settled."""

    prompts: list[tuple[int, int, int]] = field(default_factory=list)
    rows: list[tuple[int, int]] = field(default_factory=list)
    gone: set[int] = field(default_factory=set)
    erased: set[int] = field(default_factory=set)
    kept: dict[int, Split] = field(default_factory=dict)
    outside: Outside = field(default_factory=Outside)
    joined: dict[int, Joined] = field(default_factory=dict)

    def answer(self, topic: int, position: int, category: int, writer: int) -> None:
        """Somebody asks this, or it was asked before, and somebody answers."""
        prompt = (topic, position * 2, category)
        if prompt not in self.prompts:
            self.prompts.append(prompt)
        self.rows.append((self.prompts.index(prompt) + 1, writer))

    def publish(self, categories: set[int], preparation: Preparation) -> Placing[Fact] | None:
        """The next version of the dataset that takes these categories; None where it would be empty."""
        facts = [self.fact(number) for number in range(len(self.rows)) if number not in self.gone]
        facts = [one for one in facts if one.prompt_id not in self.erased]
        facts = sorted((one for one in facts if one.category_id in categories), key=lambda one: one.prompt_id)
        if not facts:
            return None
        words = [(number, asked(topic, position)) for number, (topic, position, _) in enumerate(self.prompts, 1)]
        texts = [(number, "" if number in self.erased else said) for number, said in words]
        gathered = Gathered(facts, SPOOL, [], texts, dict(self.kept), self.outside, {}, {})
        placing = place(gathered, facts, preparation, "p", self.joined)
        assert placing == place(gathered, facts, preparation, "p")
        self.joined |= {prompt: Joined(one, placing.joined[one]) for prompt, one in placing.cluster_of.items()}
        self.kept |= placing.split_of
        self.outside = placing.outside
        return placing

    def fact(self, number: int) -> Fact:
        """The row of this number, as a snapshot has it."""
        prompt_id, writer = self.rows[number]
        category = self.prompts[prompt_id - 1][2]
        return Fact(
            submission_id=number, revision_id=number, prompt_id=prompt_id, author_id=writer, annotator=f"a-{writer}",
            category=str(category), category_id=category, language="en", licence="", source="", guidelines=1,
            turns=2, prompt_characters=1, response_characters=1, start=0, size=0,
        )  # fmt: skip


ANSWERED = st.tuples(st.integers(0, 4), st.integers(0, 4), st.integers(1, 3), st.integers(1, 6))
STEP = st.fixed_dictionaries(
    {
        "answered": st.lists(ANSWERED, max_size=25),
        "withdrawn": st.sets(st.integers(0, 60), max_size=6),
        "erased": st.sets(st.integers(1, 30), max_size=3),
        "categories": st.sets(st.integers(1, 3), min_size=1),
        "held_categories": st.sets(st.integers(1, 3), max_size=1),
        "held_writers": st.one_of(st.none(), st.integers(1, 50)),
    }
)


@settings(max_examples=40, deadline=None)
@given(history=st.lists(STEP, min_size=2, max_size=6))
def test_over_any_history_of_several_datasets_nothing_held_out_is_trained_on(history: list[dict[str, object]]) -> None:
    site = Site()
    for step in history:
        for one in cast(list[tuple[int, int, int, int]], step["answered"]):
            site.answer(*one)
        site.gone |= cast(set[int], step["withdrawn"])
        site.erased |= cast(set[int], step["erased"])
        preparation = Preparation(
            held_out_categories=sorted(cast(set[int], step["held_categories"])),
            held_out_writers=cast(int | None, step["held_writers"]),
        )
        kept, outside = dict(site.kept), site.outside
        placing = site.publish(cast(set[int], step["categories"]), preparation)
        if placing is None:
            continue
        splits_of_clusters = {(placing.cluster_of[one], split) for one, split in placing.split_of.items()}
        assert max(Counter(cluster for cluster, _ in splits_of_clusters).values()) == 1
        assert all(placing.split_of[one] is Split.TEST for one, split in kept.items() if split is Split.TEST)
        assert outside.writers <= placing.outside.writers
        assert outside.categories <= placing.outside.categories
        for part, facts in placing.parts.items():
            assert all(placing.split_of[fact.prompt_id] is part.in_split for fact in facts)
            assert all(placing.outside.why(fact.author_id, fact.category_id) is part.held_out for fact in facts)


def test_a_prompt_between_two_clusters_takes_both_out_of_training() -> None:
    site = Site()
    for writer in (1, 2, 3):
        for topic in range(20):
            site.answer(topic, 0, 1, writer)
    site.publish({1}, Preparation())
    trained = next(number for number, split in site.kept.items() if split is Split.TRAIN)
    topic = site.prompts[trained - 1][0]
    site.answer(topic, 2, 2, 4)
    site.publish({1, 2}, Preparation(held_out_categories=[2]))
    assert site.kept[trained] is Split.TRAIN
    site.answer(topic, 1, 1, 1)
    placing = site.publish({1, 2}, Preparation())
    assert placing
    assert site.kept[trained] is Split.TEST
    assert placing.taken_along == 4
