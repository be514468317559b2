"""The JSON door of review."""

from app.core.web import api

router = api("review")
