"""What goes in and out of the doors of projects."""

from datetime import datetime
from typing import Annotated, Any

from pydantic import AfterValidator, Field

from app.accounts.emails import Email
from app.accounts.models import Role
from app.accounts.schemas import DrawnFor
from app.core.text import FormText, Language, Line, Name, Text, WholeNumber, check_text
from app.core.web import In, Out
from app.projects.rubric import Criterion, key_from

DESCRIPTION_LIMIT = 2_000


def _description(text: str) -> str:
    return check_text(text, DESCRIPTION_LIMIT)


Description = Annotated[Text, AfterValidator(_description)]
FormDescription = Annotated[FormText, AfterValidator(_description)]
Target = Annotated[WholeNumber, Field(ge=0, le=1_000_000)]
Responses = Annotated[WholeNumber, Field(ge=1, le=20)]
Minutes = Annotated[WholeNumber, Field(ge=1, le=10_080)]
Least = Annotated[WholeNumber, Field(ge=0, le=100_000)]
Most = Annotated[WholeNumber, Field(ge=1, le=100_000)]
RoleWord = Annotated[Role, Field(strict=False)]  # JSON knows words, not members of an enum


class ProjectIn(In):
    """A project to begin. Limits count code points, a lease minutes."""

    name: Name
    description: Description = ""
    language: Language = "en"
    licence: Line = ""
    target: Target = 0
    responses_per_prompt: Responses = 1
    lease_minutes: Minutes = 60
    min_characters: Least = 1
    max_characters: Most = 20_000


class SettingsIn(In):
    """Settings to change; those left out stay as they are."""

    name: Name | None = None
    description: Description | None = None
    language: Language | None = None
    licence: Line | None = None
    target: Target | None = None
    responses_per_prompt: Responses | None = None
    lease_minutes: Minutes | None = None
    min_characters: Least | None = None
    max_characters: Most | None = None
    show_reviewer_names: bool | None = None


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


class ProjectForm(DrawnFor):
    """The settings of a project as its page sends them, all of them."""

    name: Name
    description: FormDescription = ""
    language: Language = "en"
    licence: Line = ""
    target: Target = 0
    responses_per_prompt: Responses = 1
    lease_minutes: Minutes = 60
    min_characters: Least = 1
    max_characters: Most = 20_000


class SettingsForm(ProjectForm):
    """The same with what only a project that is under way has."""

    show_reviewer_names: bool = False


class GuidelinesForm(DrawnFor):
    """Guidelines and rubric. A criterion without a name is none; one without a key gets one made of its name."""

    based_on: WholeNumber
    text: FormText
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


class CategoryForm(DrawnFor):
    """A category to add."""

    name: Name
    description: FormDescription = ""
    target: Target = 0


class CategoryChangeForm(DrawnFor):
    """What of a category can be changed."""

    description: FormDescription = ""
    target: Target = 0


class MemberForm(DrawnFor):
    """Who is brought into a project."""

    email: Email
    name: Name
    role: Role


class RoleForm(DrawnFor):
    """What a member does from now on."""

    role: Role


class ProjectOut(Out):
    """A project."""

    id: int
    name: str
    description: str
    language: str
    licence: str
    target: int
    responses_per_prompt: int
    lease_minutes: int
    min_characters: int
    max_characters: int
    created_at: datetime


class ProjectList(Out):
    """The projects of which the asker is a member, the newest first."""

    projects: list[ProjectOut]


class GuidelinesOut(Out):
    """One version of the guidelines with its rubric."""

    version: int
    text: str
    rubric: list[dict[str, Any]]
    made_at: datetime


class CategoryOut(Out):
    """A category, with how many approved responses are wanted of it."""

    id: int
    name: str
    description: str
    target: int


class CategoryList(Out):
    """The categories of a project by name."""

    categories: list[CategoryOut]


class MemberOut(Out):
    """Somebody in a project, and the pseudonym under which their texts are published."""

    user_id: int
    name: str
    email: str
    role: Role
    pseudonym: str


class MemberList(Out):
    """The people of a project, administrators first."""

    members: list[MemberOut]


class InvitedOut(Out):
    """Who was brought in, and the address by which they join if they are new."""

    member: MemberOut
    link: str
