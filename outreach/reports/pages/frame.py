"""Hold the links and the footer around a page of a report set."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from outreach.catalog import Words


@dataclass(frozen=True, slots=True)
class Link:
    """A link on a page.

    Parameters
    ----------
    href
        Where it leads.
    text
        Its words.
    code
        Language of the page it leads to; empty for the same language.
    """

    href: str
    text: str
    code: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """What is around every page of a set: links to its siblings, and a footer.

    Parameters
    ----------
    made
        A sentence about when the page was made and from which run; empty for none.
    index
        File name of the index; empty for none.
    siblings
        Further pages of the set.
    languages
        The same page in other languages.
    """

    made: str = ""
    index: str = ""
    siblings: tuple[Link, ...] = ()
    languages: tuple[Link, ...] = ()


@dataclass(frozen=True, slots=True)
class Origin:
    """When a page was made, and from which run, for its footer.

    Parameters
    ----------
    made
        The day; ``None`` for no footer.
    run
        The run's id.
    """

    made: dt.date | None = None
    run: str = ""

    def describe(self, words: Words) -> str:
        """Return it as a sentence; empty without a day."""
        if self.made is None:
            return ""
        return words.say("page.made", date=words.date(self.made), run=self.run)


def make_frame(
    name: str,
    words: Words,
    catalogs: Sequence[Words],
    origin: Origin,
    index: str = "index.html",
) -> Frame:
    """Return what is around a page: its index, the page in other languages, and a footer.

    Parameters
    ----------
    name
        File name of the page in the first language.
    words, catalogs
        The page's language, and all languages of the set.
    origin
        When it is made, and from which run.
    index
        File name of the index in the first language; empty for none.
    """
    others = tuple(
        Link(localize_name(name, other, catalogs), str(other.texts["language.name"]), other.code)
        for other in catalogs
        if other.code != words.code
    )
    back = localize_name(index, words, catalogs) if index and name != index else ""
    return Frame(made=origin.describe(words), index=back, languages=others)


def localize_name(name: str, words: Words, catalogs: Sequence[Words]) -> str:
    """Return the file name of a page in a language; the first language has the plain one."""
    return name if words.code == catalogs[0].code else name.replace(".html", f".{words.code}.html")
