"""The browser's door to writing."""

from app.core.web import pages

router = pages()
