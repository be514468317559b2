"""What rooms after this one add to a report. The roof asks them, for evaluation knows nothing of them."""

from typing import Protocol


class Beside(Protocol):
    """One thing more that is known of a run: the finding in a sentence, and the template of a section about it."""

    @property
    def sentence(self) -> str:
        """What stands right under the headline."""

    @property
    def template(self) -> str:
        """A partial; it finds this very object as `beside`."""
