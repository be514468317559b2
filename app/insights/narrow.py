"""What holds a project back now? One place, told from its numbers. Pure."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from app.insights.pipeline import Counts

LONG = timedelta(days=2)


@dataclass(frozen=True)
class NarrowPlace:
    """The finding, what it is told from, and the route of the page where something can be done about it."""

    finding: str
    because: str
    label: str = ""
    route: str = ""


def narrow_place(now: Counts, moment: datetime) -> NarrowPlace:
    """The first place, from the end of the way to its beginning, at which texts wait for people."""
    if now.in_review and now.handed_in > now.decided:
        return NarrowPlace(
            "Review is the narrow place.",
            f"{wait(now.in_review, 'response')}, and more were handed in this week ({now.handed_in:,}) "
            f"than were decided ({now.decided:,}).",
            "Review the next",
            "review.index",
        )
    if now.in_review and now.oldest and moment - now.oldest > LONG:
        days = (moment - now.oldest).days
        return NarrowPlace(
            "Review is the narrow place.",
            f"{wait(now.in_review, 'response')}, the oldest for {days} days.",
            "Review the next",
            "review.index",
        )
    if now.proposed and now.proposed >= now.open:
        return NarrowPlace(
            "Prompts wait to be approved.",
            f"{wait(now.proposed, 'proposed prompt')} for a decision, and {now.open:,} "
            f"{'response is' if now.open == 1 else 'responses are'} wanted.",
            "Decide on prompts",
            "prompts.index",
        )
    if now.archived_at:
        return NarrowPlace("Nothing: this project is archived.", f"{now.approved:,} responses are approved.")
    if now.target and now.approved >= now.target:
        return NarrowPlace("Nothing: the target is reached.", f"{now.approved:,} responses are approved.")
    if now.open:
        return NarrowPlace(
            "Writing is the narrow place.",
            f"{now.open:,} {'response is' if now.open == 1 else 'responses are'} wanted; {now.handed_in:,} "
            f"{'was' if now.handed_in == 1 else 'were'} handed in this week.",
            "Write the next",
            "writing.index",
        )
    if now.drafting or now.in_review:
        return NarrowPlace(
            "Nothing: all that is asked is being answered.",
            f"{now.drafting:,} in drafts, {now.in_review:,} in review.",
            "Propose more prompts",
            "prompts.index",
        )
    return NarrowPlace("There is nothing to write about.", "No prompt is open.", "Propose prompts", "prompts.index")


def wait(count: int, what: str) -> str:
    """27 responses wait; 1 response waits."""
    return f"{count:,} {what} waits" if count == 1 else f"{count:,} {what}s wait"
