"""Every error as a client meets it: one shape, whatever went wrong, and never a traceback.

``{"error": {"code", "kind", "message"}}``, not RFC 9457: ``error`` is the word of ``chorus --json`` too, and what a
program needs beside the status is what Chorus says everywhere else: the error's name and what can be done about it.
"""

import logging
import re
from collections.abc import Mapping
from http import HTTPStatus

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field
from starlette.exceptions import HTTPException

from chorus.api.house import House
from chorus.domain.value import storable
from chorus.errors import ChorusError, DatabaseUnavailable, ErrorKind

MOST_PROBLEMS_TOLD = 5

_log = logging.getLogger(__name__)


class ErrorDetail(BaseModel):
    """What went wrong, and what to do about it."""

    code: str = Field(description="Which error it is, such as `not_found`; stable.", examples=["not_found"])
    kind: ErrorKind = Field(
        description="What can be done: try again, change a setting, say it otherwise, ask a person."
    )
    message: str = Field(description="One plain line for a person.", examples=["There is no such story."])


class ErrorBody(BaseModel):
    """The body of every answer that is an error."""

    error: ErrorDetail


_MEANINGS = {
    400: "The request cannot be read.",
    401: "A token is needed, and none or an unknown one was brought.",
    403: "The token's role does not allow it, or no tokens are set for other machines.",
    404: "There is nothing under that id.",
    405: "This cannot be done here.",
    409: "It does not fit with how things stand.",
    413: "The body is too large.",
    421: "Nothing is served under this name.",
    422: "What was asked for cannot be done as asked.",
    429: "Too many requests within a minute.",
    500: "Something broke in Chorus.",
    503: "The database does not answer, or its tables are not of this version.",
}
EVERYWHERE = frozenset({400, 401, 403, 413, 421, 422, 429, 500, 503})


def answers(*statuses: int) -> dict[int | str, dict[str, object]]:
    """Declare which errors a route answers with beside those that are everywhere."""
    return {
        status: {"model": ErrorBody, "description": _MEANINGS[status]} for status in sorted({*statuses, *EVERYWHERE})
    }


def catch_errors(app: FastAPI, house: House) -> None:
    """Let every error leave in the one shape."""

    async def expected(_request: Request, error: Exception) -> JSONResponse:
        if isinstance(error, DatabaseUnavailable):
            house.lost()
        if not isinstance(error, ChorusError):
            raise error
        return _answer(error.status_code, _code_of(error), error.kind, str(error) or (type(error).__doc__ or ""))

    app.add_exception_handler(ChorusError, expected)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(HTTPException, _refused)
    app.add_exception_handler(Exception, _unexpected)


async def _invalid(_request: Request, error: Exception) -> JSONResponse:
    problems = error.errors() if isinstance(error, RequestValidationError) else []
    told = "; ".join(_told(problem["loc"], problem["msg"]) for problem in problems[:MOST_PROBLEMS_TOLD])
    return _answer(422, "invalid_input", ErrorKind.VALIDATION, f"{told}.")


async def _refused(_request: Request, error: Exception) -> JSONResponse:
    status = error.status_code if isinstance(error, HTTPException) else 500
    code = re.sub(r"\W+", "_", HTTPStatus(status).phrase.lower())
    message = {404: "There is nothing at this address.", **{s: m for s, m in _MEANINGS.items() if s != 404}}.get(status)
    answer = _answer(status, code, ErrorKind.VALIDATION, message or HTTPStatus(status).phrase)
    answer.headers.update(getattr(error, "headers", None) or {})
    return answer


def too_large() -> JSONResponse:
    """Refuse a body for its size."""
    return _answer(413, "content_too_large", ErrorKind.VALIDATION, _MEANINGS[413])


def turned_away(status: int, message: str, headers: Mapping[str, str] | None = None) -> JSONResponse:
    """Refuse a request for who asks, under which name, or how often."""
    code = re.sub(r"\W+", "_", HTTPStatus(status).phrase.lower())
    kind = ErrorKind.TRANSIENT if status == HTTPStatus.TOO_MANY_REQUESTS else ErrorKind.BUSINESS
    answer = _answer(status, code, kind, message)
    answer.headers.update(headers or {})
    if status == HTTPStatus.UNAUTHORIZED:
        answer.headers["WWW-Authenticate"] = "Bearer"
    return answer


async def _unexpected(_request: Request, error: Exception) -> JSONResponse:
    _log.error("a request failed", exc_info=error)
    return _answer(500, "internal_error", ErrorKind.PERMANENT, "Something broke in Chorus: its log says what.")


def _answer(status: int, code: str, kind: ErrorKind, message: str) -> JSONResponse:
    detail = ErrorDetail(code=code, kind=kind, message=storable(message))
    headers = {"Retry-After": "1"} if status == HTTPStatus.SERVICE_UNAVAILABLE else None
    return JSONResponse(ErrorBody(error=detail).model_dump(mode="json"), status, headers)


def _code_of(error: ChorusError) -> str:
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "_", type(error).__name__).lower()


def _told(location: tuple[int | str, ...], message: str) -> str:
    where = ".".join(str(part) for part in location[1:] if not isinstance(part, int)) or str(location[0])
    reason = message.removeprefix("Value error, ").rstrip(".")
    return f"{where}: {reason.replace('JSON decode error', 'not JSON')}"[:300]
