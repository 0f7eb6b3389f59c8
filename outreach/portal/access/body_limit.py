"""Refuse what is too large to be a form or a call, before it fills the memory."""

from collections.abc import MutableMapping
from typing import Any

from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Receive, Scope, Send

#: Bytes of the largest form, and of the largest call of a program.
LARGEST_BODY = 64 * 1024


class BodyLimit:
    """Count what a request sends, and end it with status 413 once that is too much.

    Nothing reads a request whole before this, so that a stranger cannot fill the memory either.

    Parameters
    ----------
    app
        Everything behind it.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let a request through, and count its bytes as they are read."""
        count = 0

        async def receive_part() -> MutableMapping[str, Any]:
            nonlocal count
            part = await receive()
            count += len(part.get("body", b""))
            if count > LARGEST_BODY:
                raise HTTPException(413)
            return part

        await self._app(scope, receive_part, send)
