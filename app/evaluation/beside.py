"""What rooms after this one add to a report. The roof asks them, for evaluation knows nothing of them."""

from typing import Any, Protocol


class Beside(Protocol):
    """One thing more that is known of a run: the finding, and the template of a section about it."""

    @property
    def headline(self) -> str:
        """What stands above all that the report says by itself; empty where nothing weighs so much."""

    @property
    def lead(self) -> str:
        """What stands right under the headline."""

    @property
    def as_json(self) -> dict[str, Any]:
        """The same for programs."""

    @property
    def template(self) -> str:
        """A partial; it finds this very object as `beside`."""
