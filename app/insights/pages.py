"""The browser's door to insights."""

from app.core.web import pages

router = pages()
