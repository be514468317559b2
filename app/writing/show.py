"""What does the writing page show? The conversation, the sheets, the guidelines, and what was refused."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from markupsafe import Markup
from sqlalchemy.orm import Session

from app.accounts.actor import Actor
from app.core.beside import Beside
from app.core.diff import Segment
from app.core.errors import DomainError
from app.core.markdown import render_markdown, render_rules
from app.projects.models import Category, Project
from app.projects.queries import current_guidelines, get_project_for, list_categories
from app.prompts.questions import Thread, threads_of
from app.prompts.reports import REASONS
from app.writing.cards import SubmissionCard, submission_card
from app.writing.checks import Finding
from app.writing.comparing import compared
from app.writing.hints import draft_of, hints, overlooked, told_of
from app.writing.holding import Hold, hold_of
from app.writing.models import Assignment, Draft, Submission, SubmissionStatus
from app.writing.provenance import shown
from app.writing.queries import submission_of
from app.writing.schemas import DraftForm
from app.writing.turns import Messages, asking, characters, question_of, system_of, words
from app.writing.undoing import Skipped


@dataclass(frozen=True)
class Came:
    """How the writer came here: one category's prompts after another, and from what they handed in or skipped."""

    of: int | None = None
    handed_in: Submission | None = None
    skipped: Skipped | None = None


@dataclass(frozen=True)
class Sheet:
    """One field of the page and what stands in it. `said` is its text as Markdown, where the page is a preview.

    `caret`: "end", or how many code points into the text the caret stands when the page opens; "" where it does not.
    """

    id: str
    role: str
    label: str
    text: str
    words: int
    characters: int
    said: Markup | None
    caret: str


@dataclass(frozen=True)
class Unsaved:
    """A text that the form sent and that could not be stored; of its `pieces` the draft has those that are equal."""

    label: str
    text: str
    pieces: Sequence[Segment]


@dataclass(frozen=True)
class ShowPage:
    """One assignment, to be written on. `unsaved` are texts that the form sent and that could not be stored."""

    project: Project
    user_id: int
    assignment_id: int
    prompt_id: int | None
    threads: Sequence[Thread]
    is_pair: bool
    asked: Messages
    system: str | None
    question: str
    language: str
    category_id: int | None
    category: str
    categories: Sequence[Category]
    sheets: Sequence[Sheet]
    asks_first: bool
    limits: str
    hints: Sequence[Finding]
    told: str
    revision: int
    saved_at: datetime | None
    hold: Hold
    can_skip: bool
    recalled: bool
    report_reasons: Sequence[tuple[str, str]]
    guidelines_version: int
    guidelines: Markup
    is_preview: bool
    refusal: DomainError | None
    asks_again: bool
    unsaved: Sequence[Unsaved]
    of: int | None
    handed_in: SubmissionCard | None
    overlooked: Sequence[Finding]
    skipped: Skipped | None
    typed: dict[str, int] | None
    beside: Beside | None = None


def show_page(
    session: Session,
    actor: Actor,
    assignment: Assignment,
    *,
    preview: bool = False,
    refusal: DomainError | None = None,
    unsaved: DraftForm | None = None,
    came: Came = Came(),
) -> ShowPage:
    """The page of an assignment with its prompt and draft loaded."""
    project = get_project_for(session, actor, assignment.project_id)
    submission = submission_of(session, assignment.id)
    rules = current_guidelines(session, project.id)
    draft, prompt = assignment.draft, assignment.prompt
    found = hints(session, actor, draft_of(project, assignment, submission)) if draft.revision else []
    asked = prompt.messages if prompt and not assignment.is_pair else draft.prompt_messages
    return ShowPage(
        project=project,
        user_id=actor.user_id,
        assignment_id=assignment.id,
        prompt_id=prompt.id if prompt else None,
        threads=threads_of(session, actor, project, prompt.id) if prompt else (),
        is_pair=assignment.is_pair,
        asked=_before(project, asked) if assignment.is_pair else asked,
        system=system_of(asked) if assignment.is_pair and project.allow_system else None,
        question=question_of(asked),
        language=prompt.language if prompt else project.language,
        category_id=assignment.category_id,
        category=prompt.category.name if prompt and prompt.category else "",
        categories=list_categories(session, project.id) if assignment.is_pair and not submission else (),
        sheets=_sheets(draft, is_pair=assignment.is_pair, preview=preview),
        asks_first=assignment.is_pair and not question_of(asked),
        limits=_limits(project, len(draft.messages)),
        hints=found,
        told=told_of(found),
        revision=draft.revision,
        saved_at=draft.saved_at if draft.revision else None,
        hold=hold_of(session, actor, assignment.id),
        can_skip=submission is None,
        recalled=submission is not None and submission.status is SubmissionStatus.SUBMITTED,
        report_reasons=list(REASONS.items()),
        guidelines_version=rules.version,
        guidelines=render_rules(rules.text),
        is_preview=preview,
        refusal=refusal,
        asks_again=refusal is not None and refusal.code == "writing.personal",
        unsaved=_unsaved(assignment, unsaved) if unsaved else (),
        of=came.of,
        handed_in=submission_card(came.handed_in) if came.handed_in else None,
        overlooked=overlooked(session, came.handed_in) if came.handed_in else (),
        skipped=came.skipped,
        typed=shown(draft) if project.keeps_provenance else None,
    )


def _before(project: Project, asked: Messages) -> Messages:
    """What stands over the fields of a pair: the earlier turns, but a system message that has a field."""
    return [turn for turn in asked[:-1] if turn["role"] != "system" or not project.allow_system]


def _sheets(draft: Draft, *, is_pair: bool, preview: bool) -> list[Sheet]:
    alone = "The assistant answers" if is_pair else "Your response"
    messages = draft.messages
    caret = "end" if draft.caret is None else str(draft.caret)
    return [
        Sheet(
            id=f"response-{at}",
            role=message["role"],
            label=alone if len(messages) == 1 else f"{message['role'].capitalize()}, turn {at}",
            text=message["content"],
            words=words([message]),
            characters=characters([message]),
            said=render_markdown(message["content"]) if preview else None,
            caret=caret if at == len(messages) and not preview else "",
        )
        for at, message in enumerate(messages, 1)
    ]


def _limits(project: Project, turns: int) -> str:
    """What the count of characters is measured against, to be read after it; several turns are counted together."""
    most = f"{project.max_characters:,}"
    span = f"{project.min_characters:,} to {most}" if project.min_characters > 1 else most
    return f"of {span}" if turns == 1 else f"{span} characters in all"


def _unsaved(assignment: Assignment, form: DraftForm) -> list[Unsaved]:
    """What the form sent, in the order of reading; blank questions and turns that it did not have are left out."""
    asked = asking([], form.prompt or "", form.system or "")
    parts = compared(assignment, asked, form.messages)
    count = len(form.response)
    turns = [f"Turn {at}" for at in range(1, count + 1)] if count > 1 else ["Your response"]
    questions = {"system": "The system message", "user": "The prompt"}
    before = len(parts) - max(count, len(assignment.draft.messages))
    labels = [questions[part["role"]] for part in parts[:before]] + turns
    texts = [(label, _text(part["here"]), part["here"]) for label, part in zip(labels, parts, strict=False)]
    return [Unsaved(*one) for at, one in enumerate(texts) if at >= before or one[1]]


def _text(pieces: Sequence[Segment]) -> str:
    return "".join(text for _, text in pieces)
