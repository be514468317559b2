"""What a later room adds to a page of an earlier one. The roof asks it, for the earlier room knows nothing of it."""

from typing import Protocol


class Beside(Protocol):
    """Something that is drawn by a template of its own."""

    @property
    def template(self) -> str:
        """A partial; it finds this very object as `beside`."""
