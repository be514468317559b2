"""Who acts: the signed-in person or token with the roles held at this moment. Every verb takes one."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from app.accounts.models import Role
from app.core.audit import NOWHERE, Origin

RANK = {Role.ANNOTATOR: 1, Role.REVIEWER: 2, Role.ADMIN: 3}


@dataclass(frozen=True)
class Actor:
    """A person with their roles by project. `scopes` is None for a browser session, a set for a token.

    `fresh`: the password was given in this session within the last 10 minutes. `renew_id`: the session is to get
    another id, since the role changed. `unread`: how many notices a browser's person has not read, up to a hundred.
    """

    user_id: int
    name: str
    email: str = ""
    is_admin: bool = False
    roles: Mapping[int, Role] = field(default_factory=dict)
    scopes: frozenset[str] | None = None
    sign_in_id: int | None = None
    fresh: bool = False
    renew_id: bool = False
    unread: int = 0
    origin: Origin = NOWHERE

    def writes(self, project_id: int) -> bool:
        """Whether the actor may write in the project: every member may."""
        return project_id in self.roles

    def reviews(self, project_id: int) -> bool:
        """Whether the actor may decide on what others wrote."""
        return self._rank(project_id) >= RANK[Role.REVIEWER]

    def administers(self, project_id: int) -> bool:
        """Whether the actor runs the project."""
        return self._rank(project_id) >= RANK[Role.ADMIN]

    def reviewed_projects(self) -> list[int]:
        """Ids of the projects in which the actor decides."""
        return [project_id for project_id in self.roles if self.reviews(project_id)]

    def _rank(self, project_id: int) -> int:
        role = self.roles.get(project_id)
        return RANK[role] if role else 0
