"""Makes pages: templates that escape whatever they are given, one style sheet, everything inside one file."""

from functools import cache
from importlib import resources
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from outreach.reports.text.catalog import Words


def render_page(template: str, words: Words, **shown: Any) -> str:
    """Return a whole HTML page.

    Parameters
    ----------
    template
        Name in ``templates``, without its ending.
    words
        The language; in the template ``say`` gives its texts and ``words`` writes its numbers.
    shown
        What the template shows. Every text is escaped.
    """
    page = _environment().get_template(f"{template}.html.j2")
    return page.render(words=words, say=words.say, style=_read_style(), **shown)


@cache
def _environment() -> Environment:
    return Environment(
        loader=PackageLoader("outreach.reports"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


@cache
def _read_style() -> Markup:
    return Markup(  # noqa: S704  our own file
        (resources.files("outreach.reports") / "templates" / "report.css").read_text(
            encoding="utf-8"
        )
    )
