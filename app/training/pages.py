"""The browser's door to training."""

from app.core.web import pages

router = pages()
