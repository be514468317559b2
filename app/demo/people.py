"""The demo's accounts: named for what they do, with passwords that no two installations share."""

import json
import os
import secrets
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Self

from sqlalchemy.orm import Session

from app.accounts.service import create_user
from app.core.errors import StartRefused
from app.core.settings import Settings

WRITERS, REVIEWERS = 4, 2


@dataclass(frozen=True)
class Account:
    """A person of the demo. Only the first three are for a visitor; the passwords of the others are not kept."""

    email: str
    name: str
    password: str


@dataclass(frozen=True)
class People:
    """The three accounts that the demo prints, as kept in the data folder with mode 0600."""

    annotator: Account
    reviewer: Account
    admin: Account
    admin_id: int
    project_id: int
    version_id: int = 0
    run_id: int = 0
    second_run_id: int = 0
    pairs_version_id: int = 0
    reward_run_id: int = 0
    second_reward_run_id: int = 0
    policy_run_id: int = 0

    @classmethod
    def read(cls, settings: Settings) -> Self | None:
        """What an earlier demo kept, or None when it was not played to its end here. StartRefused for another shape."""
        path = kept_at(settings)
        if not path.exists():
            return None
        try:
            raw = json.loads(path.read_text("utf-8"))
            annotator, reviewer, admin = (Account(**raw.pop(role)) for role in ("annotator", "reviewer", "admin"))
            return cls(annotator, reviewer, admin, **raw)
        except (ValueError, TypeError, KeyError):
            raise StartRefused(f"{path} was written by another Penset: `make demo-reset` begins anew.") from None

    def write(self, settings: Settings) -> None:
        """Keep them, for this machine's user alone."""
        path = kept_at(settings)
        part = path.with_suffix(".part")
        part.unlink(missing_ok=True)
        descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            json.dump(asdict(self), file)
        part.replace(path)


def kept_at(settings: Settings) -> Path:
    """The file of the demo's accounts."""
    return settings.data / "demo.json"


def make_account(session: Session, role: str, number: int, *, is_admin: bool = False) -> tuple[int, Account]:
    """A new account with a random password. Its id and what to sign in with."""
    account = Account(
        email=f"{role}{number}@demo.example", name=f"Demo {role} {number}", password=secrets.token_urlsafe(12)
    )
    user = create_user(session, email=account.email, name=account.name, password=account.password, is_admin=is_admin)
    return user.id, account
