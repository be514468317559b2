"""Is there a phrase that models are known for? A hint, never a verdict: people use these words too."""

import re

from app.projects.models import HintName
from app.writing.checks.finding import Context, Finding

PHRASES = re.compile(
    r"\b(?:"
    r"as an? (?:ai|artificial intelligence|(?:large )?language model)\b(?: (?:language )?(?:model|assistant))?"
    r"|i(?:['’]m| am) (?:just |only )?an? (?:ai|(?:large )?language model)\b(?: (?:language )?(?:model|assistant))?"
    r"|(?:as of|since|in) my (?:last|latest) (?:knowledge )?update|my (?:knowledge|training) cut-?off"
    r"|i (?:do not|don['’]t) have (?:personal (?:opinions|beliefs|experiences|feelings)|real-time access)"
    r"|regenerate response"
    r"|als (?:eine? )?ki(?:-sprachmodell|-modell|-assistent)|als (?:großes )?sprachmodell"
    r"|en tant qu(?:e modèle de langage|['’](?:ia|intelligence artificielle))"
    r"|como (?:un )?modelo de lenguaje|como (?:um )?modelo de linguagem|come modello linguistico"
    r")",
    re.IGNORECASE,
)


def check_phrases(text: str, context: Context) -> Finding | None:
    """The first such phrase, quoted."""
    found = PHRASES.search(text)
    if found is None:
        return None
    return Finding(HintName.PHRASES, f"“{found[0]}” is a phrase that models are known for. Say it in your own words.")
