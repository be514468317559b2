"""What is a version of preferences made of? The pairs that its rule takes, as files hold them; the others counted."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from sys import intern
from typing import Any

from sqlalchemy.orm import Session

from app.core.jobs import surroundings
from app.datasets.contamination.benchmarks import in_use
from app.datasets.kinds import copy_into
from app.datasets.models import Part, Version
from app.datasets.publish.facts import AnyRow, Aside, Spool, questions_aside
from app.datasets.publish.gather import Gathered, held_out_before, settled_before
from app.datasets.publish.progress import Tell, counted
from app.datasets.splits.held_out import Outside
from app.preferences.versions.deciding import Decision, count_cycles, decide, refuses
from app.preferences.versions.halves import pseudonyms
from app.preferences.versions.identity import name_prompts
from app.preferences.versions.reading import judged_pairs, read, with_texts
from app.preferences.versions.rows import Preferred, line_of_pair
from app.preferences.versions.rule import checked_rule
from app.prompts.fingerprints import question

COPY_ROWS = (
    "COPY preference_rows (version_id, position, split, held_out, pair_id, prompt_id, chosen_id, rejected_id, "
    "opinions, agreed, strength) FROM STDIN"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class PairFact(AnyRow):
    """A row that is a pair: who decided what on it, and from whom its responses are."""

    pair_id: int
    set: str
    decided: Decision
    chosen_source: str
    rejected_source: str
    chosen_characters: int
    rejected_characters: int


@dataclass(frozen=True, slots=True)
class Told:
    """What is counted while pairs are read: those left out, by the first reason; decisions, by compared prompt; and of
    each person, by id, the opinions on what is taken."""

    left_out: Counter[str] = field(default_factory=Counter)
    cycles: list[tuple[int, Decision]] = field(default_factory=list)
    judges: Counter[int] = field(default_factory=Counter)


def gather(session: Session, version: Version, tell: Tell) -> Gathered[PairFact]:
    """Read what the version's rule takes of what is judged now, as files hold it. The caller closes the spool.

    It names prompts of old sets, so of two at once one may fail to serialize; that one begins again.
    """
    name_prompts(session, version.project_id)
    outside = held_out_before(session, version.project_id)
    spool, told = Spool(), Told()
    asked = questions_aside(spool)
    try:
        kept = settled_before(session, version.project_id, asked)
        taken = _set_aside(session, version, spool, asked, outside, told)
        facts = list(counted(taken, tell, "Reading what people decided: {done} pairs so far"))
        benchmarks = in_use(session, version.project_id)
    except BaseException:
        spool.close()
        raise
    named = dict(session.execute(pseudonyms(version.project_id)).all())
    judges = {named.get(person_id, ""): many for person_id, many in told.judges.items()}
    figures = {"left_out": dict(told.left_out), "cycles": count_cycles(told.cycles), "judges": judges}
    return Gathered(facts, spool, [], asked, kept, outside, {}, {}, benchmarks, figures)


def _set_aside(
    session: Session,
    version: Version,
    spool: Spool,
    asked: Aside[tuple[int, str]],
    outside: Outside,
    told: Told,
) -> Iterator[PairFact]:
    """Put the line of each pair that is taken into the spool; count the others by the first reason."""
    rule, before = checked_rule(version.rule), None
    seconds = surroundings.settings.undo_seconds
    pairs = with_texts(judged_pairs(version.project_id, seconds=seconds, people=rule.people))
    for pair, row in read(session, pairs):
        if row["prompt_id"] != before:
            before = row["prompt_id"]
            asked.add((before, question(row["prompt_messages"])))
        decided = decide(pair)
        if isinstance(decided, str):
            told.left_out[decided] += 1
            continue
        refused = next((name for name, out in refuses(rule, pair, decided).items() if out), None)
        if refused is not None:
            told.left_out[refused] += 1
            continue
        told.judges.update(one.person_id for one in pair.opinions if one.counts)
        told.cycles.append((row["compared_prompt_id"], decided))
        yield fact_of(row, decided, spool, outside)


def fact_of(row: Mapping[str, Any], decided: Decision, spool: Spool, outside: Outside) -> PairFact:
    """Set the pair's line aside and keep the rest."""
    chosen, rejected = ("first", "second") if decided.chosen_id == row["first_id"] else ("second", "first")
    licence, source = (named(row, name) for name in ("licence", "source"))
    pair = Preferred(
        pair_id=row["id"],
        prompt_id=row["prompt_id"],
        prompt=row["prompt_messages"],
        chosen=row[f"{chosen}_messages"],
        rejected=row[f"{rejected}_messages"],
        category=row["category"],
        language=row["language"],
        set=row["set"],
        ranking_id=row["ranking_id"],
        strength=decided.strength,
        opinions=decided.opinions,
        agreed=decided.agreed,
        reasons=decided.reasons,
        chosen_source=source_of(row, chosen),
        rejected_source=source_of(row, rejected),
        licence=licence,
        source=source,
    )
    line = line_of_pair(pair)
    author_id, annotator = held_out_writer(row, outside)
    return PairFact(
        prompt_id=pair.prompt_id,
        author_id=author_id,
        annotator=annotator,
        category=intern(pair.category),
        category_id=row["category_id"],
        language=intern(pair.language),
        licence=intern(licence),
        source=intern(source),
        start=spool.add(line),
        size=len(line),
        only_tested=row["measures_only"],
        pair_id=pair.pair_id,
        set=intern(pair.set),
        decided=decided,
        chosen_source=intern(pair.chosen_source),
        rejected_source=intern(pair.rejected_source),
        chosen_characters=characters(pair.chosen),
        rejected_characters=characters(pair.rejected),
    )


def characters(turns: Any) -> int:
    """Code points in all of these turns."""
    return sum(len(turn["content"]) for turn in turns)


def source_of(row: Mapping[str, Any], which: str) -> str:
    """Whose a response is: what the importer named, or its name in the figures, such as People or Run 3."""
    return str(row[f"{which}_details"].get("source") or row[f"{which}_source"])


def named(row: Mapping[str, Any], name: str) -> str:
    """The licences, or the sources, of prompt and responses: each once, in order."""
    of_three = [row[name], *(row[f"{which}_details"].get(name) for which in ("first", "second"))]
    return "; ".join(sorted({one for one in of_three if one}))


def held_out_writer(row: Mapping[str, Any], outside: Outside) -> tuple[int | None, str]:
    """Who of the writers of the two responses is only tested on, by id and pseudonym; the pair is then theirs.

    Nobody else is named as its writer, for a pair says nothing of who wrote it: it holds nobody more out.
    """
    for which in ("first", "second"):
        if row[f"{which}_author_id"] in outside.writers:
            return row[f"{which}_author_id"], row[f"{which}_annotator"]
    return None, ""


def copy_rows(session: Session, version_id: int, rows: Iterable[tuple[PairFact, Part]]) -> None:
    """Store which pairs a version holds, in the order of its files."""
    listed = (
        (
            version_id, position, part.in_split.value, part.held_out, fact.pair_id, fact.prompt_id,
            fact.decided.chosen_id, fact.decided.rejected_id, fact.decided.opinions, fact.decided.agreed,
            fact.decided.strength,
        )
        for position, (fact, part) in enumerate(rows, 1)
    )  # fmt: skip
    copy_into(session, COPY_ROWS, listed)
