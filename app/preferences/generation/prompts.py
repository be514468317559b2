"""Which prompts are models asked? Unanswered ones first and none of the test split, or just those."""

from collections.abc import Iterator, Sequence

from sqlalchemy import select, union
from sqlalchemy.orm import Session

from app.datasets.models import PromptSplit, Split, VersionRow
from app.datasets.queries import test_prompts
from app.preferences.material import Asked, key_of, of_people, without_test
from app.preferences.models import PreferenceRow, PromptRule
from app.prompts.models import Prompt, PromptStatus
from app.prompts.turns import list_unanswered
from app.training.descent import made_from
from app.training.models import Run

AT_ONCE = 1_000  # prompts at least that are compared with the test split together


def choose(
    session: Session, project_id: int, rule: PromptRule, most: int, runs: Sequence[Run] = ()
) -> tuple[list[Asked], str]:
    """At most so many prompts, without responses, and in words what was left out. For a job: it compares texts.

    Of the test split only what `runs`, and those that they were made from, have never learned from.
    """
    if rule is PromptRule.TEST:
        return unlearned(session, tested(session, project_id), runs, most)
    kept, met, lost = dict[str, Asked](), set[str](), 0
    for some in _candidates(session, project_id, max(2 * most, AT_ONCE)):
        new = {key: one for key, one in some.items() if key not in met}
        met |= new.keys()
        left = without_test(session, project_id, new)
        lost += len(new) - len(left)
        kept |= left
        if len(kept) >= most:
            break
    return list(kept.values())[:most], left_out_in_words(lost, "of the test split, or much like one")


def _candidates(session: Session, project_id: int, at_once: int) -> Iterator[dict[str, Asked]]:
    """Prompts that nobody has answered, the oldest first, then those that people have answered, some at a time."""
    after = 0
    while found := list_unanswered(session, project_id, at_once, after):
        yield {key_of(one.messages): Asked(one.messages, one.language, one.id) for one in found}
        after = found[-1].id
    written = list(of_people(session, project_id).items())
    for at in range(0, len(written), at_once):
        yield dict(written[at : at + at_once])


def tested(session: Session, project_id: int) -> list[Asked]:
    """The prompts that are only tested on, for ever, the oldest first."""
    ids = test_prompts(session, project_id)
    found = select(Prompt).where(Prompt.id.in_(ids), Prompt.status != PromptStatus.REJECTED).order_by(Prompt.id)
    return [Asked(one.messages, one.language, one.id) for one in session.scalars(found)]


def unlearned(session: Session, asked: Sequence[Asked], runs: Sequence[Run], most: int) -> tuple[list[Asked], str]:
    """Those from which no step of these runs, nor of one that they were made from, has learned, nor from one like it.

    What a version put into its test split may have been trained on in one of before: clusters grow together, and a
    writer or a category is held out from one version on.
    """
    versions = versions_of(session, runs)
    rows = (
        select(row.prompt_id).where(row.version_id.in_(versions), row.split == Split.TRAIN)
        for row in (VersionRow, PreferenceRow)
    )
    learned = union(*rows).subquery()
    clusters = select(PromptSplit.cluster).where(PromptSplit.prompt_id.in_(select(learned.c.prompt_id)))
    alike = select(PromptSplit.prompt_id).where(
        PromptSplit.project_id.in_([run.project_id for run in runs]), PromptSplit.cluster.in_(clusters)
    )
    ids = set(session.scalars(select(learned.c.prompt_id).union(alike)))
    kept = [one for one in asked if one.prompt_id not in ids]
    lost = len(asked) - len(kept)
    return kept[:most], left_out_in_words(lost, "that a step of these models was trained on before, or much like one")


def versions_of(session: Session, runs: Sequence[Run]) -> set[int]:
    """The versions of these runs and of all that they were made from, reward models included."""
    found, waiting = dict[int, int](), list(runs)
    while waiting:
        run = waiting.pop()
        found[run.id] = run.version_id
        waiting += [one for one in made_from(session, run).values() if one.id not in found]
    return set(found.values())


def left_out_in_words(lost: int, why: str) -> str:
    """How many prompts were left out, and why; nothing where none was."""
    return f"{lost} {'prompt' if lost == 1 else 'prompts'} {why}" if lost else ""
