"""What might a writer want to know before handing in, and a reviewer beside the text?

Facts, never verdicts. Where a project names a check among its `blocking_hints`, what does not pass it is not taken.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.actor import Actor
from app.core.errors import Invalid, Place
from app.projects.models import HintName, Project
from app.projects.queries import get_project_for
from app.prompts.fingerprints import prompts_like, question
from app.prompts.models import Compared, Prompt
from app.prompts.queries import visible_to
from app.writing.checks import Context, Finding, Like, look_at
from app.writing.lengths import lengths_of
from app.writing.likeness import responses_like, said
from app.writing.models import Assignment, Revision, Submission
from app.writing.queries import get_assignment_for, submission_of, visible_among
from app.writing.turns import Messages, asking

SHOWN = 3


@dataclass(frozen=True)
class Written:
    """What somebody wrote, and to what; it is not compared with its own ids. `own_prompt`: they wrote that too."""

    project: Project
    category_id: int | None
    language: str
    prompt_messages: Messages
    messages: Messages
    own_prompt: bool
    prompt_id: int | None
    submission_id: int | None


def draft_of(project: Project, assignment: Assignment, submission: Submission | None) -> Written:
    """The draft of an assignment, loaded with its prompt; `submission` is what was handed in from it before."""
    draft, prompt = assignment.draft, assignment.prompt
    return Written(
        project=project,
        category_id=assignment.category_id,
        language=prompt.language if prompt else project.language,
        prompt_messages=prompt.messages if prompt and not assignment.is_pair else draft.prompt_messages,
        messages=draft.messages,
        own_prompt=assignment.is_pair,
        prompt_id=assignment.prompt_id,
        submission_id=submission.id if submission else None,
    )


def sheet_of(
    session: Session,
    actor: Actor,
    assignment_id: int,
    messages: Messages,
    prompt: str | None,
    system: str | None = None,
) -> Written:
    """The actor's own sheet with these turns in place of the saved ones, and of a pair this prompt."""
    assignment = get_assignment_for(session, actor, assignment_id)
    project = get_project_for(session, actor, assignment.project_id)
    written = draft_of(project, assignment, submission_of(session, assignment.id))
    written = replace(written, messages=messages)
    if assignment.is_pair and prompt is not None:
        return replace(written, prompt_messages=asking(written.prompt_messages, prompt, system))
    return written


def about_to_propose(project: Project, prompt: str, *, category_id: int | None, language: str | None) -> Written:
    """A prompt that nobody has proposed yet."""
    return Written(
        project=project,
        category_id=category_id,
        language=language or project.language,
        prompt_messages=asking([], prompt),
        messages=[],
        own_prompt=True,
        prompt_id=None,
        submission_id=None,
    )


def handed_in(project: Project, submission: Submission) -> Written:
    """The newest revision of a submission, loaded with its prompt."""
    newest = submission.revisions[-1]
    return Written(
        project=project,
        category_id=submission.category_id,
        language=submission.prompt.language,
        prompt_messages=newest.prompt_messages,
        messages=newest.messages,
        own_prompt=submission.prompt.from_pair,
        prompt_id=submission.prompt_id,
        submission_id=submission.id,
    )


def hints(
    session: Session, actor: Actor, written: Written, *, only: Iterable[HintName] = HintName, typing: bool = False
) -> list[Finding]:
    """What there is to look at, for this actor: a text that they may not see is told of, and not named."""
    asked = set(only)
    context = Context(
        question=question(written.prompt_messages),
        besides=[one["content"] for one in written.prompt_messages if one["role"] == "system"],
        language=written.language,
        limits=(written.project.min_characters, written.project.max_characters),
        lengths=lengths_of(session, written.project.id, written.category_id) if HintName.LENGTH in asked else None,
        like=like(session, actor, written) if HintName.NEAR in asked else (),
        typing=typing,
    )
    own_prompt = written.prompt_messages if written.own_prompt else ()
    return look_at(written.messages, context, own_prompt=own_prompt, only=asked)


def overlooked(session: Session, submission: Submission) -> list[Finding]:
    """What the writer may not have seen in what they handed in a moment ago, by checks that need the text alone.

    Of personal data they were told before (`require_told`).
    """
    newest = (Revision.submission_id == submission.id, Revision.number == submission.current_revision)
    messages = session.scalars(select(Revision.messages).where(*newest)).one()
    return look_at(messages, Context(), only=[HintName.FENCE])


def told_of(found: Sequence[Finding]) -> str:
    """What of a text these hints are about, one a line: the form sends it along."""
    return "\n".join(data for one in found for data in one.data)


def require_no_blocking(session: Session, actor: Actor, written: Written) -> None:
    """Invalid, with the places, where a check does not pass that the project asks for."""
    asked = written.project.blocking_hints
    found = hints(session, actor, written, only=asked) if asked else []
    if found:
        sentences = " ".join(dict.fromkeys(one.sentence for one in found))
        places = [Place(one.place, one.sentence) for one in found]
        raise Invalid("writing.hints", f"This project asks that it be put right first. {sentences}", *places)


def like(session: Session, actor: Actor, written: Written) -> list[Like]:
    """Texts of the project that are much like this one, the most alike first, a few of each kind."""
    project_id = written.project.id
    answer = said(written.messages)
    answers = responses_like(session, project_id, answer, but=written.submission_id) if answer else []
    found = named(session, actor, Compared.RESPONSE, [one for one, _ in answers[:SHOWN]])
    asked = question(written.prompt_messages) if written.own_prompt else ""
    prompts = prompts_like(session, project_id, asked, but=written.prompt_id) if asked else []
    return [*found, *named(session, actor, Compared.PROMPT, [one for one, _ in prompts[:SHOWN]])]


def named(session: Session, actor: Actor, kind: Compared, ids: Sequence[int]) -> list[Like]:
    """These texts, with the ids of those that the actor may see."""
    if not ids:
        return []
    if kind is Compared.PROMPT:
        visible = set(session.scalars(visible_to(actor).where(Prompt.id.in_(ids)).with_only_columns(Prompt.id)))
    else:
        visible = visible_among(session, actor, ids)
    return [Like(kind, one if one in visible else None) for one in ids]
