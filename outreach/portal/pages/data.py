"""Show what the archive of rates holds and lacks."""

import re
from typing import Annotated

from fastapi import APIRouter, Depends, Request
from fastapi.responses import Response

from outreach.archive import Archive, ArchiveStatus, describe_archive
from outreach.catalog.retell import retell_all
from outreach.portal.access.roles import Person, Role
from outreach.portal.access.session import get_desk, need
from outreach.portal.desk import Desk
from outreach.portal.render import choose_words, render

router = APIRouter()
_Viewer = Annotated[Person, Depends(need(Role.VIEWER))]
_YEAR = re.compile(r"\d{4}")


@router.get("/data")
def show_data(request: Request, person: _Viewer) -> Response:
    """Show the archive of every census: dates, gaps, stale replies, missing areas."""
    del person
    archives, words = describe_archives(get_desk(request)), choose_words(request)
    lines = {
        year: retell_all(status.lines(), words, "archive") for year, status in archives.items()
    }
    return render(request, "data", archives=archives, lines=lines)


def describe_archives(desk: Desk) -> dict[int, ArchiveStatus]:
    """Return the state of the archive of each census, the newest first."""
    folder = desk.settings.archive_folder
    years = [int(path.name) for path in folder.glob("rates/*") if _YEAR.fullmatch(path.name)]
    return {year: describe_archive(Archive(folder, year)) for year in sorted(years, reverse=True)}
