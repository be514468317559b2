"""The JSON door of insights."""

from app.core.web import api

router = api("insights")
