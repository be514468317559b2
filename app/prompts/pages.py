"""The browser's door to prompts."""

from app.core.web import pages

router = pages()
