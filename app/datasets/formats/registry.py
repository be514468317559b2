"""Every format by its name. The default is how a version is stored; the others are made from it when asked for."""

from collections.abc import Mapping

from app.datasets.formats.alpaca import ALPACA
from app.datasets.formats.form import Form
from app.datasets.formats.parquet import PARQUET
from app.datasets.formats.prompt_completion import PROMPT_COMPLETION
from app.datasets.formats.sharegpt import SHAREGPT

MADE: Mapping[str, Form] = {form.name: form for form in (PROMPT_COMPLETION, ALPACA, SHAREGPT, PARQUET)}
