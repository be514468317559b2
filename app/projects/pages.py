"""The browser's door to projects."""

from app.core.web import pages

router = pages()
