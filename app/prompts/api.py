"""The JSON door of prompts."""

from app.core.web import api

router = api("prompts")
