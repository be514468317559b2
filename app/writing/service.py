"""What can be done with writing: the verbs of assignments, drafts and submissions, under one name for other rooms."""

from app.writing.assignments import choose_category, skip, start_pair, take_next
from app.writing.drafts import save_draft
from app.writing.submissions import hand_in, record_decision, withdraw

__all__ = [
    "choose_category",
    "hand_in",
    "record_decision",
    "save_draft",
    "skip",
    "start_pair",
    "take_next",
    "withdraw",
]
