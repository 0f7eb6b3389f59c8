"""Serve the portal on one address: python -m outreach.portal HOST PORT."""

import sys

import uvicorn

from flows.engine.processes import leave_with_parent
from outreach.portal.app import make_app
from outreach.settings import read_settings

if __name__ == "__main__":
    host, port = sys.argv[1], int(sys.argv[2])
    leave_with_parent()
    settings = read_settings()
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
