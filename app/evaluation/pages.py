"""The browser's door to evaluation."""

from app.core.web import pages

router = pages()
