"""Reading a form as exactly as JSON is read: UTF-8 or nothing, and room for the longest text."""

from starlette.requests import Request

from app.core import percent
from app.core.errors import Malformed, WrongMediaType


async def check_form(request: Request, kind: str) -> None:
    """Refuse what is no form in UTF-8; parse it once, with room for the longest text in percent-encoding."""
    if kind not in ("application/x-www-form-urlencoded", "multipart/form-data"):
        raise WrongMediaType("input.not_a_form", "Send this as a form.")
    if "charset" in request.headers["content-type"].lower().replace("charset=utf-8", ""):
        raise WrongMediaType("input.not_utf8_type", "Send this form in UTF-8.")
    body = await request.body()
    if kind == "application/x-www-form-urlencoded":
        percent.decoded(body, "form")
    else:
        try:
            body.decode("utf-8")
        except UnicodeDecodeError:
            raise Malformed("input.not_utf8", "The form is not UTF-8.") from None
    await request.form(max_part_size=len(body))
