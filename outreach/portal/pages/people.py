"""Show the users, and who did what."""

from typing import Annotated

from fastapi import APIRouter, Depends, Request
from fastapi.responses import Response

from outreach.catalog.retell import retell_all
from outreach.portal.access.roles import Person, Role
from outreach.portal.access.session import get_desk, need, write_act
from outreach.portal.render import choose_words, render
from outreach.spreadsheet import write_csv

router = APIRouter()
_Administrator = Annotated[Person, Depends(need(Role.ADMINISTRATOR))]
#: Acts that the page shows; the export has all.
_SHOWN = 200


@router.get("/people")
def show_people(request: Request, person: _Administrator) -> Response:
    """Show the users with their roles, and the acts of late."""
    del person
    desk, words = get_desk(request), choose_words(request)
    acts = desk.audit.read(_SHOWN)
    return render(
        request,
        "people",
        users=desk.book.list_users(),
        acts=list(zip(acts, retell_all((act.act for act in acts), words, "act"), strict=True)),
        shown=_SHOWN,
    )


@router.get("/audit.csv")
def hand_out_audit(request: Request, person: _Administrator) -> Response:
    """Hand out the whole audit log as a table, the newest act first."""
    import pandas as pd  # noqa: PLC0415  takes a second

    write_act(request, person, "downloaded", "audit log")
    acts = get_desk(request).audit.read()
    table = pd.DataFrame([act.model_dump(mode="json") for act in acts]).set_index("at")
    headers = {
        "Content-Disposition": 'attachment; filename="audit.csv"',
        "Cache-Control": "private, no-store",
    }
    return Response(write_csv(table), 200, headers, "text/csv; charset=utf-8")
