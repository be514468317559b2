"""The browser's door to review."""

from app.core.web import pages

router = pages()
