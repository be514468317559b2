"""The JSON door of evaluation."""

from app.core.web import api

router = api("evaluation")
