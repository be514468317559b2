"""What can go wrong for a client: a class and an exit code each, and a sentence that says what to do."""

from collections.abc import Mapping
from typing import Any, ClassVar


class ClientError(Exception):
    """Something a person should read. `exit_code` is what the command ends with."""

    exit_code: ClassVar[int] = 1


class WrongUse(ClientError):
    """What was asked for cannot be meant: a name without a version, an address without TLS."""

    exit_code = 2


class Problem(ClientError):
    """The site refused: its problem document (RFC 9457). `type` never changes its meaning, as docs/errors.md tells."""

    def __init__(self, document: Mapping[str, Any]) -> None:
        self.document = dict(document)
        self.status: int = document.get("status", 0)
        self.type: str = document.get("type", "about:blank")
        self.detail: str = document.get("detail") or document.get("title") or f"The site answered {self.status}."
        self.errors: list[dict[str, str]] = document.get("errors", [])
        places = "".join(f"\n  {one['pointer'].removeprefix('/')}: {one['detail']}" for one in self.errors)
        super().__init__(f"{self.detail}{places}")

    @property
    def code(self) -> str:
        """The type without its folder: `datasets.not_found`."""
        return self.type.removeprefix("/errors/")


class NotSignedIn(Problem):
    """The token is missing, ended, revoked or not of this site."""

    exit_code = 3


class WrongBytes(ClientError):
    """A file is not what the version says it is."""

    exit_code = 4


class PromiseBroken(ClientError):
    """A version does not keep what every version promises: a row left the test split."""

    exit_code = 4


class CannotReach(ClientError):
    """No answer, after trying again."""

    exit_code = 5


class RunEnded(ClientError):
    """A run that was watched failed or was stopped."""

    exit_code = 6


class NotKept(ClientError):
    """This machine did not take what came, or does not give what was asked for: no room, no such folder."""

    exit_code = 7


def not_kept(why: OSError) -> NotKept:
    """What to tell of a file or folder that this machine refuses."""
    where = f"{why.filename}: " if why.filename else ""
    return NotKept(f"{where}{why.strerror or why}. Mend that, or name another place; the same command goes on then.")
