"""Is there nearly the same text in this project already?"""

from app.projects.models import HintName
from app.prompts.models import Compared
from app.writing.checks.finding import Context, Finding

ASKED = "Nearly the same was asked in this project before."
ANSWERED = "Nearly the same was answered in this project before."


def check_near_prompt(text: str, context: Context) -> Finding | None:
    """Whether a prompt of the project asks nearly the same."""
    return _found(Compared.PROMPT, ASKED, context)


def check_near_response(text: str, context: Context) -> Finding | None:
    """Whether a response of the project says nearly the same."""
    return _found(Compared.RESPONSE, ANSWERED, context)


def _found(kind: Compared, sentence: str, context: Context) -> Finding | None:
    like = [one for one in context.like if one.kind is kind]
    return Finding(HintName.NEAR, sentence, like=like) if like else None
