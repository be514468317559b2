"""The JSON door of writing."""

from app.core.web import api

router = api("writing")
