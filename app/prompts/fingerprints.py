"""Which texts of a project are much like this one? Kept by jobs as texts change, asked while one types.

Nothing of another project is ever met: the numbers under which a text is kept hold the project's id.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import BigInteger, Select, Text, any_, bindparam, cast, column, delete, func, select
from sqlalchemy.dialects.postgresql import ARRAY, insert
from sqlalchemy.orm import Session

from app.core.database import built_once
from app.core.hot import ask
from app.core.near import HINT_ALIKE, Grams, grams, is_alike, share, weight
from app.core.near_keys import is_long, keys_to_ask, keys_to_keep, must_meet
from app.prompts.models import Compared, Fingerprint, Prompt, PromptStatus

# Texts that are compared in full: of short ones all that can be alike, or nearly; of long ones those that share most.
SHORT_COMPARED, LONG_COMPARED = 200, 40
# What one job keeps: so many texts or characters, whichever comes first.
BATCH, BATCH_CHARACTERS = 500, 1 << 20
TextsOf = Callable[[Session, Sequence[int]], Mapping[int, str]]


def question(messages: Sequence[Mapping[str, Any]]) -> str:
    """What a prompt asks, as it is compared: the user's turns."""
    return "\n".join(one["content"] for one in messages if one["role"] == "user")


def prompts_like(session: Session, project_id: int, text: str, *, but: int | None = None) -> list[tuple[int, float]]:
    """Ids of the project's prompts that ask nearly the same, with the score, most alike first. `but` is left out."""
    return find_like(session, project_id, Compared.PROMPT, text, texts_of=prompt_texts, but=but)


def find_like(
    session: Session, project_id: int, kind: Compared, text: str, *, texts_of: TextsOf, but: int | None = None
) -> list[tuple[int, float]]:
    """Ids of the project's texts of a kind that are alike, with the score, most alike first. `but` is left out.

    `texts_of` reads the texts of ids as they are now: what has changed since its fingerprint was made is never told.
    """
    held = grams(text)
    mine = weight(held)
    met = [one for one in _met(session, project_id, kind, held) if one != but]
    found = []
    for identity, other in texts_of(session, met).items():
        pieces = grams(other)
        shared, together = weight(held & pieces), mine + weight(pieces)
        if is_alike(shared, together, HINT_ALIKE):
            found.append((identity, shared / (together - shared)))
    return sorted(found, key=lambda one: (-one[1], one[0]))


def remember(session: Session, project_id: int, kind: Compared, texts: Mapping[int, str]) -> None:
    """Keep what these texts are found by, in place of what was kept before."""
    rows = []
    for identity, text in sorted(texts.items()):
        held = grams(text)
        keys = keys_to_keep(_salt(project_id, kind), held)
        rows.append(
            {"kind": kind, "subject_id": identity, "project_id": project_id, "keys": keys, "size": weight(held)}
        )
    if rows:
        new = insert(Fingerprint)
        changed = {name: new.excluded[name] for name in ("project_id", "keys", "size")}
        session.execute(new.on_conflict_do_update(index_elements=["kind", "subject_id"], set_=changed), rows)


def forget(session: Session, kind: Compared, subject_id: int) -> None:
    """Let a text be found no longer."""
    session.execute(delete(Fingerprint).where(Fingerprint.kind == kind, Fingerprint.subject_id == subject_id))


def prompt_texts(session: Session, prompt_ids: Sequence[int]) -> dict[int, str]:
    """What those of these prompts ask that were not turned down."""
    kept = select(Prompt.id, Prompt.messages).where(Prompt.id.in_(prompt_ids), Prompt.status != PromptStatus.REJECTED)
    return {identity: question(messages) for identity, messages in session.execute(kept)}


def remember_prompt(session: Session, prompt_id: int) -> None:
    """Keep what a prompt is found by as it is now; nothing once it was turned down."""
    project_id = session.scalar(select(Prompt.project_id).where(Prompt.id == prompt_id).with_for_update(read=True))
    texts = prompt_texts(session, [prompt_id])
    if project_id is not None and texts:
        remember(session, project_id, Compared.PROMPT, texts)
    else:
        forget(session, Compared.PROMPT, prompt_id)


def remember_next_prompts(session: Session, project_id: int, after: int = 0) -> int | None:
    """Keep what the next prompts of a project past id `after` are found by. The last one's id; None at the end."""
    sized = select(Prompt.id, func.length(cast(Prompt.messages, Text)))
    there = sized.where(Prompt.project_id == project_id, Prompt.id > after).order_by(Prompt.id).limit(BATCH)
    ids = first_batch(session.execute(there.with_for_update(read=True)))
    remember(session, project_id, Compared.PROMPT, prompt_texts(session, ids))
    return ids[-1] if ids else None


def first_batch(sized: Iterable[tuple[int, int]]) -> list[int]:
    """Of ids and their characters the ids up to the one with which the characters are enough for one job."""
    ids: list[int] = []
    characters = 0
    for identity, size in sized:
        ids.append(identity)
        characters += size
        if characters >= BATCH_CHARACTERS:
            break
    return ids


def _met(session: Session, project_id: int, kind: Compared, held: Grams) -> Sequence[int]:
    """Ids of texts that share enough of the numbers, those that share most first."""
    mine = weight(held)
    asked = {
        "project": project_id,
        "keys": keys_to_ask(_salt(project_id, kind), held),
        "lightest": share(HINT_ALIKE, mine),
        "heaviest": mine * 100 // HINT_ALIKE,
        "enough": must_meet(mine),
    }
    meeting = _meeting(kind, LONG_COMPARED if is_long(mine) else SHORT_COMPARED)
    return [row.subject_id for row in ask(session, meeting, asked)]


@built_once
def _meeting(kind: Compared, compared: int) -> Select[int]:
    asked = bindparam("keys", type_=ARRAY(BigInteger))
    key = func.unnest(Fingerprint.keys).table_valued(column("key", BigInteger), name="kept").render_derived()
    shared = select(func.count()).select_from(key).where(key.c.key == any_(asked)).scalar_subquery()
    near = Fingerprint.keys.overlap(asked) & Fingerprint.size.between(bindparam("lightest"), bindparam("heaviest"))
    counted = (
        select(Fingerprint.subject_id, shared.label("shared"))
        .where(near, Fingerprint.kind == kind, Fingerprint.project_id == bindparam("project"))
        .cte("counted")
        .prefix_with("MATERIALIZED")  # or else it is counted twice
    )
    enough = select(counted.c.subject_id).where(counted.c.shared >= bindparam("enough"))
    return enough.order_by(counted.c.shared.desc(), counted.c.subject_id).limit(compared)


def _salt(project_id: int, kind: Compared) -> str:
    return f"{project_id}\0{kind.value}"
