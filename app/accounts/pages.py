"""The browser's door to accounts."""

from app.core.web import pages

router = pages()
