"""Show what the service noticed, and whom it told."""

from typing import Annotated

from fastapi import APIRouter, Depends, Request
from fastapi.responses import Response

from outreach.catalog.retell import retell_all
from outreach.portal.access.roles import Person, Role
from outreach.portal.access.session import get_desk, need
from outreach.portal.render import choose_words, render

router = APIRouter()
_Viewer = Annotated[Person, Depends(need(Role.VIEWER))]
#: Notices that the page shows.
SHOWN = 50


@router.get("/notices")
def show_notices(request: Request, person: _Viewer) -> Response:
    """Show the last notices, and what became of each on its way to people."""
    del person
    book, words = get_desk(request).notices, choose_words(request)
    notices = [
        (notice, *retell_all((notice.title, notice.what, notice.todo), words, "notice"))
        for notice in book.read(SHOWN)
    ]
    return render(request, "notices", notices=notices, deliveries=book.read_deliveries())
