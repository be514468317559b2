"""The JSON door of training."""

from app.core.web import api

router = api("training")
