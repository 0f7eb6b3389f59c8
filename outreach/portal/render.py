"""Fill a page of the portal, in the language of whoever reads it."""

from typing import Any
from urllib.parse import urlencode

from babel import negotiate_locale
from fastapi import Request
from fastapi.responses import HTMLResponse

from outreach.catalog import Words, list_languages, read_words
from outreach.catalog.retell import name_term
from outreach.portal.access.roles import LOCAL, Role
from outreach.portal.access.session import find_person, get_token
from outreach.portal.policy import OWN_PAGE
from outreach.reports.pages.frame import Frame, Link
from outreach.reports.pages.render import make_environment

#: How the addresses end that change something; the page with the form is one step up.
_ACTS = ("/approval", "/withdrawal", "/schedule", "/hide", "/stop")


def render(request: Request, template: str, *, status: int = 200, **values: Any) -> HTMLResponse:
    """Return a page.

    Parameters
    ----------
    request
        Who asks, in which language.
    template
        Name in ``templates``, without its ending.
    status
        HTTP status of the answer.
    values
        What the template shows; all text is escaped.
    """
    words = choose_words(request)
    person = find_person(request)
    page = make_environment("outreach.portal").get_template(f"{template}.html.j2")
    html = page.render(
        words=words,
        say=words.say,
        person=person,
        name_person=lambda name: name_term(name, words) if name == LOCAL.name else name,
        may={role.value: person is not None and person.role.includes(role) for role in Role},
        token=get_token(request),
        here=request.url.path,
        twins=link_twins(request, words),
        **values,
    )
    headers = {"Content-Security-Policy": OWN_PAGE, "Cache-Control": "private, no-store"}
    return HTMLResponse(html, status, headers)


def frame_page(request: Request, words: Words) -> Frame:
    """Return what leads from a page of reports back to the portal, and to its other languages."""
    return Frame(
        siblings=(Link("/", words.say("portal.campaigns.title")),),
        languages=link_twins(request, words),
    )


def link_twins(request: Request, words: Words) -> tuple[Link, ...]:
    """Return what leads to the same page, with its filters, in each other language.

    An answer to a form that changes something leads to the page that has the form.
    """
    path = find_page(request)
    query = [pair for pair in request.query_params.multi_items() if pair[0] != "language"]
    return tuple(
        Link(
            f"{path}?{urlencode([*query, ('language', code)])}",
            read_words(code).say("language.name"),
            code,
        )
        for code in list_languages()
        if code != words.code
    )


def find_page(request: Request) -> str:
    """Return the path of the page that a request is about: of a form, the page that has it."""
    # A path that begins with two slashes would be the address of another site.
    path = "/" + request.url.path.lstrip("/\\")
    is_act = request.method != "GET" and path.endswith(_ACTS)
    return path.rpartition("/")[0] if is_act else path


def choose_words(request: Request) -> Words:
    """Return the language that a person chose, or the first that the browser asks for."""
    languages = list_languages()
    chosen = request.query_params.get("language", "")
    if chosen in languages:
        request.session["language"] = chosen
    kept = request.session.get("language", "")
    if kept in languages:
        return read_words(kept)
    asked = [
        part.split(";")[0].strip().replace("-", "_")
        for part in request.headers.get("accept-language", "").split(",")
    ]
    preferred = [code for code in asked if code] + [code.split("_")[0] for code in asked if code]
    return read_words(negotiate_locale(preferred, languages) or languages[0])
