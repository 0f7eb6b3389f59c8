"""Show what the service noticed, and whom it told."""

from typing import Annotated

from fastapi import APIRouter, Depends, Request
from fastapi.responses import Response

from outreach.portal.access.roles import Person, Role
from outreach.portal.access.session import get_desk, need
from outreach.portal.render import render

router = APIRouter()
_Viewer = Annotated[Person, Depends(need(Role.VIEWER))]
#: Notices that the page shows.
SHOWN = 50


@router.get("/notices")
def show_notices(request: Request, person: _Viewer) -> Response:
    """Show the last notices, and what became of each on its way to people."""
    del person
    book = get_desk(request).notices
    return render(request, "notices", notices=book.read(SHOWN), deliveries=book.read_deliveries())
