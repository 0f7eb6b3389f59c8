"""Show to everybody what was published, and nothing else."""

import gzip
from functools import lru_cache
from mimetypes import guess_type

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response

from outreach.errors import NothingThere
from outreach.portal.access.session import get_desk
from outreach.portal.policy import make_page_policy
from outreach.portal.render import render
from outreach.store.publications import Published

router = APIRouter(prefix="/public")
#: How long a browser or a proxy may keep a page without asking, in seconds.
_FRESH_SECONDS = 300


@router.get("/")
def show_published(request: Request) -> Response:
    """Show which campaigns have a public page."""
    return render(request, "public", published=get_desk(request).publications.survey())


@router.get("/{slug}")
def open_front(slug: str) -> Response:
    """Lead to the front page of a campaign, below which its links work."""
    return RedirectResponse(f"/public/{slug}/", 308)


@router.get("/{slug}/{path:path}")
def show_file(request: Request, slug: str, path: str) -> Response:
    """Show a page, or hand out a file of the open data."""
    published = get_desk(request).publications.find(slug)
    if published is None:
        raise NothingThere("There is no such public page.", "The list of them is at /public/.")
    name = f"{path}index.html" if not path or path.endswith("/") else path
    return _send(request, published, name)


def _send(request: Request, published: Published, path: str) -> Response:
    """Answer with a file of a publication, or say that the browser's copy is still the same."""
    tag = f'W/"{published.sha256.get(path, "")[:32]}"'
    kept = f"public, max-age={_FRESH_SECONDS}"
    if path in published.sha256 and tag in request.headers.get("if-none-match", ""):
        return Response(status_code=304, headers={"ETag": tag, "Cache-Control": kept})
    content = published.read(path)
    kind = guess_type(path)[0] or "application/octet-stream"
    headers = {"ETag": tag, "Cache-Control": kept}
    if kind == "text/html":
        headers["Content-Security-Policy"] = make_page_policy(content)
        if "gzip" in request.headers.get("accept-encoding", ""):
            content = _compress(content)
            headers |= {"Content-Encoding": "gzip", "Vary": "Accept-Encoding"}
    return Response(content, 200, headers, kind)


@lru_cache(maxsize=64)
def _compress(page: bytes) -> bytes:
    """Return a page compressed, once for all who read it."""
    return gzip.compress(page, mtime=0)
