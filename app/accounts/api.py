"""The JSON door of accounts."""

from app.core.web import api

router = api("accounts")
