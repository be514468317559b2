"""Who may do what with a prompt. Pure: no session, no clock, no request."""

from app.accounts.actor import Actor
from app.core.errors import YES, Verdict
from app.projects.models import Project
from app.prompts.models import Prompt, PromptStatus


def can_propose(actor: Actor, project: Project) -> Verdict:
    """Whether the actor may propose prompts now: every member may, until the project is archived."""
    if not actor.writes(project.id):
        return Verdict("prompts.not_a_member", "Only members of this project propose prompts.")
    return _unless_archived(project)


def can_import(actor: Actor, project: Project) -> Verdict:
    """Whether the actor may bring in a file of prompts now: until the project is archived."""
    if not actor.administers(project.id):
        return Verdict("prompts.not_an_admin", "Only administrators of this project import prompts.")
    return _unless_archived(project)


def _unless_archived(project: Project) -> Verdict:
    if project.archived_at is not None:
        return Verdict(
            "prompts.project_archived",
            "This project is archived. No new prompts come into it until an administrator takes it up again.",
        )
    return YES


def can_import_open(actor: Actor, project: Project) -> Verdict:
    """Whether the actor may open the prompts of a file as they come in: that decides on them, and no token decides."""
    if actor.scopes is not None:
        return Verdict("prompts.token_decides", "No token decides on prompts: leave out opened, or do this signed in.")
    return can_import(actor, project)


def can_decide(actor: Actor, prompt: Prompt) -> Verdict:
    """Whether the actor may approve or reject this prompt."""
    if not actor.reviews(prompt.project_id):
        return Verdict("prompts.not_a_reviewer", "Only reviewers of this project decide.")
    if prompt.from_pair:
        return Verdict("prompts.part_of_a_pair", "This prompt is decided on together with its response, in review.")
    if prompt.author_id == actor.user_id:
        return Verdict("prompts.own_prompt", "Somebody else decides on your own prompt.")
    return YES


def can_tag(actor: Actor, prompt: Prompt) -> Verdict:
    """Whether the actor may change the tags of this prompt: who reviews, or proposed it and is not decided on."""
    if actor.reviews(prompt.project_id):
        return YES
    if prompt.author_id == actor.user_id and prompt.status is PromptStatus.PROPOSED:
        return YES
    return Verdict(
        "prompts.not_to_tag", "Reviewers tag prompts, and who proposed one as long as nobody has decided on it."
    )


def can_ask(actor: Actor, prompt: Prompt) -> Verdict:
    """Whether the actor may ask or answer something of this prompt: every member who may see it."""
    if not actor.writes(prompt.project_id):
        return Verdict("prompts.not_a_member", "Only members of this project ask about its prompts.")
    return YES


def can_see_questions(actor: Actor, project_id: int) -> Verdict:
    """Whether the actor sees every open question and report of the project."""
    if not actor.reviews(project_id):
        return Verdict("prompts.not_a_reviewer", "Only reviewers of this project see all that is asked and reported.")
    return YES


def can_report(actor: Actor, prompt: Prompt) -> Verdict:
    """Whether the actor may report this prompt as a bad one."""
    if not actor.writes(prompt.project_id):
        return Verdict("prompts.not_a_member", "Only members of this project report its prompts.")
    if prompt.from_pair:
        return Verdict("prompts.part_of_a_pair", "This prompt is decided on together with its response, in review.")
    if prompt.author_id == actor.user_id:
        return Verdict("prompts.own_prompt", "Somebody else reports your own prompt.")
    return YES


def can_settle(actor: Actor, prompt: Prompt) -> Verdict:
    """Whether the actor may say that what was reported of this prompt is dealt with."""
    if not actor.reviews(prompt.project_id):
        return Verdict("prompts.not_a_reviewer", "Only reviewers of this project settle what is reported.")
    return YES


def can_steer(actor: Actor, project_id: int) -> Verdict:
    """Whether the actor sees how many responses are wanted, how many there are, and the targets."""
    if not actor.reviews(project_id):
        return Verdict("prompts.not_a_reviewer", "Only reviewers of this project see how far it is.")
    return YES
