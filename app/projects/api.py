"""The JSON door of projects."""

from app.core.web import api

router = api("projects")
