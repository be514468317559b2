"""The browser's door to review: the desk, what happened to a submission, and how decisions fell."""

from app.core.web import pages
from app.review import gold_pages, phrase_pages, submission_pages
from app.review.desk import edit_pages
from app.review.desk import pages as desk_pages
from app.review.history import pages as history_pages

router = pages()
for part in (desk_pages, edit_pages, submission_pages, history_pages, phrase_pages, gold_pages):
    router.routes += part.router.routes
