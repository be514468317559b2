"""What goes in and out of the doors of accounts."""

from datetime import datetime
from typing import Annotated

from pydantic import AwareDatetime, Field

from app.accounts.emails import Email, TypedEmail
from app.accounts.models import LinkPurpose, MailChoice, Role
from app.accounts.passwords import Password
from app.core.text import Name
from app.core.web import FormIn, In, Out


class SessionIn(In):
    """Who signs in."""

    email: TypedEmail
    password: Password


class SessionOut(Out):
    """Who is signed in now."""

    user_id: int
    name: str


class MeOut(SessionOut):
    """The signed-in person with their roles, by project."""

    email: str
    is_admin: bool
    roles: dict[int, Role]


class TokenOut(Out):
    """A token, without its secret, which nobody has but its owner."""

    id: int
    name: str
    prefix: str
    scopes: list[str]
    project_id: int | None
    created_at: datetime
    expires_at: datetime
    used_at: datetime | None


class BearerOut(SessionOut):
    """Whose token this is, and what it may do now."""

    scopes: list[str]
    roles: dict[int, Role]


class TokensOut(Out):
    """The tokens of a person that still work."""

    tokens: list[TokenOut]


class OwnIn(In):
    """What of one's own account changes; what is left out stays."""

    name: Name | None = None
    mail: Annotated[MailChoice | None, Field(strict=False)] = None


class ReadIn(In):
    """The time up to which notices are marked as read."""

    until: Annotated[AwareDatetime, Field(strict=False)]


class InviteIn(In):
    """Who is invited."""

    email: Email
    name: Name


class SignInOut(Out):
    """A browser in which one is signed in; `current` is the one that asks."""

    id: int
    browser: str
    address: str
    created_at: datetime
    used_at: datetime
    current: bool


class SignInsOut(Out):
    """One's own sign-ins, the latest used first."""

    sign_ins: list[SignInOut]


class NoticeOut(Out):
    """Something that happened, in words, and the page of ours that it leads to."""

    id: int
    kind: str
    sentence: str
    project_id: int | None
    page: str
    created_at: datetime
    read_at: datetime | None


class NoticesOut(Out):
    """One's own notices, the last first; `unread` counts all that wait."""

    notices: list[NoticeOut]
    unread: int
    next_cursor: str | None


class PersonOut(Out):
    """An account, as who runs the installation sees it."""

    id: int
    name: str
    email: str
    is_admin: bool
    created_at: datetime
    disabled_at: datetime | None


class PeopleOut(Out):
    """Accounts, the newest first."""

    people: list[PersonOut]
    next_cursor: str | None


class InvitedPersonOut(Out):
    """Who was invited, and the link to hand over: it works once, and is not shown again."""

    person: PersonOut
    link: str


class LinkOut(Out):
    """A one-time link to hand over, and what it is good for."""

    purpose: LinkPurpose
    link: str


class SignInForm(FormIn):
    """The sign-in, and where to go then."""

    email: TypedEmail
    password: Password
    next: str = "/"


class ForgotForm(FormIn):
    """Whose password was forgotten."""

    email: TypedEmail


class JoinForm(FormIn):
    """How somebody who was invited is called, and the password that they choose."""

    name: Name
    password: Password


class ResetForm(FormIn):
    """A new password."""

    password: Password


class FirstAdminForm(FormIn):
    """The first administrator."""

    email: Email
    name: Name
    password: Password


class DrawnFor(FormIn):
    """A form that says for whom it was drawn, so that nobody acts as whoever signed in in another tab."""

    user_id: int


class ReadForm(DrawnFor):
    """The time up to which notices are marked as read: that of the newest one on the page."""

    until: AwareDatetime


class MailForm(DrawnFor):
    """When one wants to be mailed."""

    mail: MailChoice


class InviteForm(DrawnFor):
    """Who is invited."""

    email: Email
    name: Name


class NameForm(DrawnFor):
    """One's name."""

    name: Name


class EmailForm(DrawnFor):
    """One's address."""

    email: Email


class OwnPasswordForm(DrawnFor):
    """One's new password."""

    password: Password


class TokenForm(DrawnFor):
    """A token to be made. `project_id` is 0 for all projects of its owner."""

    name: Name
    scopes: list[str] = []
    days: int
    project_id: int = 0
