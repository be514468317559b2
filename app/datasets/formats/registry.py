"""Every format by its name. The default is how a version is stored; the others are made from it when asked for."""

from collections.abc import Mapping

from app.core.errors import NotFound
from app.datasets.formats.alpaca import ALPACA
from app.datasets.formats.form import Form
from app.datasets.formats.parquet import PARQUET
from app.datasets.formats.prompt_completion import PROMPT_COMPLETION
from app.datasets.formats.sharegpt import SHAREGPT

FORMS: Mapping[str, Form] = {form.name: form for form in (PROMPT_COMPLETION, ALPACA, SHAREGPT, PARQUET)}


def form_of(name: str) -> Form:
    """The format of this name. NotFound where there is none."""
    if name in FORMS:
        return FORMS[name]
    raise NotFound("datasets.no_such_format", f"There is no format of this name. Known are {', '.join(FORMS)}.")
