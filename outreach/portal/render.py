"""Fill a page of the portal, in the language of whoever reads it."""

from functools import cache
from typing import Any

from babel import negotiate_locale
from fastapi import Request
from fastapi.responses import HTMLResponse
from jinja2 import Environment, PackageLoader, StrictUndefined

from outreach.catalog import Words, list_languages, read_words
from outreach.phrasing import strip_overrides
from outreach.portal.access.roles import Role
from outreach.portal.access.session import find_person, get_token
from outreach.portal.policy import OWN_PAGE


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
    page = _make_environment().get_template(f"{template}.html.j2")
    html = page.render(
        words=words,
        say=words.say,
        person=person,
        may={role.value: person is not None and person.role.includes(role) for role in Role},
        token=get_token(request),
        here=request.url.path,
        languages=[(code, read_words(code).say("language.name")) for code in list_languages()],
        **values,
    )
    headers = {"Content-Security-Policy": OWN_PAGE, "Cache-Control": "private, no-store"}
    return HTMLResponse(html, status, headers)


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


@cache
def _make_environment() -> Environment:
    return Environment(
        loader=PackageLoader("outreach.portal"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=_strip,
    )


def _strip(value: Any) -> Any:
    """Take the marks that turn text around out of what a template shows."""
    return type(value)(strip_overrides(value)) if isinstance(value, str) else value
