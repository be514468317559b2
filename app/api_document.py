"""The door to the OpenAPI document: whoever is signed in, or bears any good token, may read it."""

from typing import Annotated, Any

from fastapi import Depends, Request
from fastapi.responses import JSONResponse

from app.accounts.actor import Actor
from app.accounts.doors import Visitor, actor_of_bearer, bears_token, not_signed_in
from app.core.database import DB
from app.core.web import api

router = api("core")


def reader(request: Request, session: DB, visitor: Visitor) -> Actor:
    """A person in a browser, or a program with a token of any scope."""
    if bears_token(request):
        return actor_of_bearer(request, session)
    if visitor is None:
        raise not_signed_in(request, session)
    return visitor


@router.get("/openapi.json", name="core.openapi", include_in_schema=False, response_class=JSONResponse)
def openapi(request: Request, _actor: Annotated[Actor, Depends(reader, scope="function")]) -> Any:
    """The OpenAPI document of the JSON routes."""
    return request.app.openapi()
