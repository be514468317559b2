"""The browser's door to datasets."""

from app.core.web import pages

router = pages()
