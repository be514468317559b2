"""What can be done with writing: the verbs of assignments, drafts and submissions, under one name for other rooms."""

from app.writing.assignments import choose_category, start_pair, take_next
from app.writing.consent import take_consent_back, take_consent_back_for
from app.writing.drafts import add_turn, drop_turn, save_draft
from app.writing.edits import add_edited_revision, lock_work
from app.writing.leaving import report, skip
from app.writing.recalling import is_recalled, may_be_recalled, recall
from app.writing.submissions import hand_in, record_decision, withdraw, write_pair
from app.writing.undoing import undo_skip
from app.writing.withdrawing import withdraw_for

__all__ = [
    "add_edited_revision",
    "add_turn",
    "choose_category",
    "drop_turn",
    "hand_in",
    "is_recalled",
    "lock_work",
    "may_be_recalled",
    "recall",
    "record_decision",
    "report",
    "save_draft",
    "skip",
    "start_pair",
    "take_consent_back",
    "take_consent_back_for",
    "take_next",
    "undo_skip",
    "withdraw",
    "withdraw_for",
    "write_pair",
]
