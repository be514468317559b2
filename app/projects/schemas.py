"""What goes in and out of the doors of guidelines, categories and members."""

from datetime import datetime
from typing import Annotated, Any

from pydantic import Field

from app.accounts.emails import Email
from app.accounts.models import Role
from app.accounts.schemas import DrawnFor
from app.core.text import FilledText, FormFilledText, FormText, Name, Text, WholeNumber
from app.core.web import In, Out
from app.projects.models import WordingState
from app.projects.rubric import Criterion, key_from
from app.projects.rules import Description, FormDescription, Target

RoleWord = Annotated[Role, Field(strict=False)]  # JSON knows words, not members of an enum


class GuidelinesIn(In):
    """The next version of the guidelines. Without a rubric the one before stays."""

    text: Text
    rubric: list[Criterion] | None = None
    based_on: WholeNumber | None = None


class CategoryIn(In):
    """A category to add."""

    name: Name
    description: Description = ""
    target: Target = 0


class MemberIn(In):
    """Who is brought into a project: known here or not, the answer is the same."""

    email: Email
    name: Name
    role: RoleWord


class RoleIn(In):
    """What a member does from now on."""

    role: RoleWord


class CategoryChangeIn(In):
    """What of a category can be changed; what is left out stays."""

    description: Description | None = None
    target: Target | None = None


class WordingIn(In):
    """How a part of a version of the guidelines should read, heading and all."""

    version: Annotated[int, Field(ge=1, lt=2**31)]
    heading: Text
    text: FilledText
    reason: Description = ""


class GuidelinesForm(DrawnFor):
    """Guidelines and rubric. A criterion without a name is none; one without a key gets one made of its name.

    `wording`: the proposed wording that they take over, if any.
    """

    based_on: WholeNumber
    text: FormText
    wording: WholeNumber | None = None
    rubric_key: list[str] = []
    rubric_name: list[str] = []
    rubric_description: list[FormText] = []

    def rubric(self) -> list[dict[str, Any]]:
        """The criteria that were filled in."""
        filled = zip(self.rubric_key, self.rubric_name, self.rubric_description, strict=False)
        return [
            {"key": key or key_from(name), "name": name, "description": description}
            for key, name, description in filled
            if name or description
        ]


class WordingForm(DrawnFor):
    """How a part of a version of the guidelines should read."""

    version: WholeNumber
    heading: FormText
    text: FormFilledText
    reason: FormDescription = ""


class ReadForm(DrawnFor):
    """The press of "I have read them"; `next` is the page to go back to."""

    next: str = ""


class CategoryForm(DrawnFor):
    """A category to add."""

    name: Name
    description: FormDescription = ""
    target: Target = 0


class CategoryChangeForm(DrawnFor):
    """What of a category can be changed; `seen`: the mark of the category as it was shown."""

    description: FormDescription = ""
    target: Target = 0
    seen: str | None = None


class TargetForm(DrawnFor):
    """A target to set in one press; `seen`: the mark of the category as it was shown, `next`: the page to go on to."""

    target: Target
    seen: str
    next: str = ""


class MemberForm(DrawnFor):
    """Who is brought into a project."""

    email: Email
    name: Name
    role: Role


class RoleForm(DrawnFor):
    """What a member does from now on."""

    role: Role


class ConsentForm(DrawnFor):
    """The press of "I accept". `shown`: the mark of what was read; `next`: the page to go back to."""

    shown: str
    next: str = ""


class ConsentIn(In):
    """Accepting what a project asks. `shown` is the mark that came with the text."""

    shown: str


class TakenBackOut(Out):
    """A consent that was taken back: when, how many responses are withdrawn by now, and when that was done."""

    created_at: datetime
    withdrawn: int
    finished_at: datetime | None


class ConsentOut(Out):
    """What a project asks of contributors now. `wanted`: the asker has yet to accept it; `mark` names this text.

    `taken_back`: what the asker took back last, if anything; they may have accepted anew since.
    """

    text: str
    licence: str
    mark: str
    wanted: bool
    taken_back: TakenBackOut | None


class SignatureOut(Out):
    """Who accepted, when, and when they took it back, if they did."""

    user_id: int
    name: str
    pseudonym: str
    accepted_at: datetime
    taken_back_at: datetime | None


class AcceptedOut(Out):
    """A text with a licence, and everybody who accepted it."""

    text: str
    licence: str
    current: bool
    by: list[SignatureOut]


class AcceptedList(Out):
    """Every text that was accepted in a project, the one accepted last first."""

    accepted: list[AcceptedOut]


class GuidelinesOut(Out):
    """One version of the guidelines with its rubric."""

    version: int
    text: str
    rubric: list[dict[str, Any]]
    made_at: datetime


class ReadVersionOut(Out):
    """A version that somebody read, and when they said so."""

    version: int
    read_at: datetime


class ReaderOut(Out):
    """A member and the versions that they read, the newest first."""

    user_id: int
    name: str
    up_to_date: bool
    read: list[ReadVersionOut]


class ReaderList(Out):
    """The people of a project as readers of its guidelines."""

    readers: list[ReaderOut]


class CategoryOut(Out):
    """A category, with how many approved responses are wanted of it and how many there are.

    `mark`: in quotes, the If-Match of a change.
    """

    id: int
    name: str
    description: str
    target: int
    approved: int
    mark: str


class CategoryList(Out):
    """The categories of a project by name."""

    categories: list[CategoryOut]


class WordingOut(Out):
    """A proposal how the part under `heading` should read, and what became of it."""

    id: int
    heading: str
    text: str
    reason: str
    author_id: int
    state: WordingState
    created_at: datetime
    decided_at: datetime | None


class WordingList(Out):
    """To administrators what waits, the oldest first; to others their own, the newest first; 20 at most."""

    wordings: list[WordingOut]


class MemberOut(Out):
    """Somebody in a project: the pseudonym under which their texts are published, since when they are qualified."""

    user_id: int
    name: str
    email: str
    role: Role
    pseudonym: str
    qualified_at: datetime | None


class MemberList(Out):
    """The people of a project, administrators first."""

    members: list[MemberOut]


class InvitedOut(Out):
    """Who was brought in, and the address by which they join if they are new."""

    member: MemberOut
    link: str
