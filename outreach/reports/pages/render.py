"""Render a page from a template, with its style sheet inside."""

from functools import cache
from importlib import resources
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from outreach.catalog import Words
from outreach.phrasing import strip_overrides


def render_page(template: str, words: Words, **values: Any) -> str:
    """Return a whole HTML page that needs no other file.

    Parameters
    ----------
    template
        Name in ``templates``, without its ending.
    words
        The language; in the template ``say`` returns its texts and ``words`` writes its numbers.
    values
        What the template shows. All text is escaped; a :class:`outreach.charts.Chart` is SVG.
    """
    page = make_environment("outreach.reports").get_template(f"{template}.html.j2")
    return page.render(words=words, say=words.say, style=_read_style(), **values)


@cache
def make_environment(package: str) -> Environment:
    """Return what fills the templates of a package: text is escaped, a missing value fails."""
    return Environment(
        loader=PackageLoader(package),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=_strip,
    )


def _strip(value: Any) -> Any:
    """Take the marks that turn text around out of what a template shows."""
    return type(value)(strip_overrides(value)) if isinstance(value, str) else value


@cache
def _read_style() -> Markup:
    file = resources.files("outreach.reports") / "templates" / "report.css"
    return Markup(file.read_text(encoding="utf-8"))  # noqa: S704  our own file
