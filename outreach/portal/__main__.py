"""Serve the portal on one address: python -m outreach.portal HOST PORT."""

import sys

import uvicorn

from flows.engine.serving.processes import leave_with_parent
from outreach.errors import OutreachError
from outreach.portal.access.door import check_door
from outreach.portal.app import make_app
from outreach.settings import read_settings


def _serve(host: str, port: int) -> None:
    """Serve until the process is asked to end."""
    settings = read_settings()
    check_door(settings, host)
    full = settings.model_copy(update={"home": settings.home.absolute()})
    uvicorn.run(
        make_app(full, host),
        host=host,
        port=port,
        log_level="info",
        # No header of a request is trusted: whoever asks is the one at the other end of the socket.
        proxy_headers=False,
        server_header=False,
        timeout_graceful_shutdown=5,
    )


if __name__ == "__main__":
    leave_with_parent()
    try:
        _serve(sys.argv[1], int(sys.argv[2]))
    except OutreachError as error:
        sys.exit(f"Error: {error}")
