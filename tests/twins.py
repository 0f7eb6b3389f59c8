"""Find what a page in one language has left in another's words."""

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from functools import cache
from html.parser import HTMLParser
from pathlib import Path

from outreach.catalog import read_words
from outreach.catalog.retell import NOTES, retell

#: Attributes that people read or hear.
_SPOKEN = ("title", "aria-label", "alt", "placeholder")
#: Elements without an end.
_EMPTY = frozenset(("meta", "link", "br", "hr", "img", "input", "path", "rect", "circle", "line"))
#: Elements whose text is no text of the page, or a name.
_SKIPPED = frozenset(("script", "style", "bdi"))
_NAME = "bdi"
#: What is the same in every language: codes, numbers, file names, and words of one letter.
_SAME = re.compile(
    r"\W*(?:[^a-zA-Z]*|[\w./-]+\.(?:html|json|csv|toml|parquet|txt|zip|geojson)|[0-9a-f]{8,}…?"
    r"|\d{4}-\d\d-\d\dT[\w-]+)\W*"
)
#: Words that English sentences are made of, and Spanish ones never.
_ENGLISH = frozenset(
    ("the", "of", "and", "with", "are", "is", "was", "for", "that", "which", "have", "from", "by")
)


class _Texts(HTMLParser):
    """Collects what a page says outside names, scripts, and what is marked as another language."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self.marked: list[str] = []
        self.named: list[str] = []
        self._open: list[tuple[str, bool, bool]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = dict(attrs)
        _, skipped, marked = self._open[-1] if self._open else ("", False, False)
        marked = marked or ("lang" in values and tag != "html")
        self._add([values.get(name) or "" for name in _SPOKEN], skipped=skipped, marked=marked)
        if tag not in _EMPTY:
            self._open.append((tag, skipped or tag in _SKIPPED, marked))

    def handle_endtag(self, tag: str) -> None:
        for at in range(len(self._open) - 1, -1, -1):
            if self._open[at][0] == tag:
                del self._open[at:]
                return

    def handle_data(self, data: str) -> None:
        tag, skipped, marked = self._open[-1] if self._open else ("", False, False)
        self._add([data], skipped=skipped, marked=marked)
        if tag == _NAME and not marked:
            self.named.append(" ".join(data.split()))

    def _add(self, texts: list[str], *, skipped: bool, marked: bool) -> None:
        plain = [" ".join(text.split()) for text in texts]
        if not skipped:
            (self.marked if marked else self.found).extend(filter(None, plain))


def read_texts(page: str) -> tuple[list[str], list[str]]:
    """Return the texts of a page, and those that it marks as another language's."""
    parser = _Texts()
    parser.feed(page)
    return parser.found, parser.marked


def find_left(english: str, other: str, names: Collection[str] = ()) -> set[str]:
    """Return the texts of a page that its English twin has word for word.

    Parameters
    ----------
    english, other
        The two pages.
    names
        Texts, or parts of them, that are the same in both languages, such as names.
    """
    same = set(read_texts(english)[0]) & set(read_texts(other)[0])
    return {text for text in same if not _SAME.fullmatch(_take_out(text, names))}


def find_prose(texts: Collection[str], cited: Collection[str] = ()) -> list[str]:
    """Return the texts that hold English prose: two of its small words, outside what is cited."""
    plain = {text: _take_out(text, cited) for text in texts}
    return [
        text
        for text, rest in plain.items()
        if len([word for word in re.findall(r"[a-zA-Z]+", rest) if word in _ENGLISH]) > 1
    ]


def find_unnamed(page: str, code: str = "es") -> list[str]:
    """Return what a page has as a name and is a text of the English catalog, not of its own."""
    parser = _Texts()
    parser.feed(page)
    return [text for text in parser.named if text in _list_english(code)]


@cache
def _list_english(code: str) -> frozenset[str]:
    """Return the texts of the English catalog that the other language has in other words."""
    english, other = read_words("en").texts, read_words(code).texts
    own = {text for text in other.values() if isinstance(text, str)}
    return frozenset(text for text in english.values() if isinstance(text, str)) - own


def pair_pages(pages: Mapping[str, str], code: str = "es") -> Iterator[tuple[str, str, str]]:
    """Yield the name, the English page, and its twin of pages by name."""
    for name, page in pages.items():
        twins = (name.removesuffix(".html") + f".{code}.html", f"{code}/{name}")
        for twin in twins:
            if twin in pages:
                yield name, page, pages[twin]


def list_faults(
    pages: Mapping[str, str], names: Collection[str] = (), cited: Collection[str] = ()
) -> dict[str, list[str]]:
    """Return the English that is left in Spanish pages, by page.

    Parameters
    ----------
    pages
        Both languages, by name.
    names
        Texts, or parts of them, that are the same in both languages, such as names.
    cited
        What Spanish pages cite in English, such as a source.
    """
    faults = {}
    for name, english, spanish in pair_pages(pages):
        left = find_left(english, spanish, names) | set(find_unnamed(spanish)) - set(names)
        if found := sorted(left | set(find_prose(read_texts(spanish)[0], (*names, *cited)))):
            faults[name] = found
    return faults


def list_untold(sentences: Iterable[str], code: str = "es") -> list[str]:
    """Return the notes of a run, or sentences of its summary, that a language cannot say."""
    words = read_words(code)
    return [text for text in sentences if retell(text, words, *NOTES).lang]


def read_pages(folder: Path) -> dict[str, str]:
    """Return the pages below a folder by their path in it."""
    return {
        path.relative_to(folder).as_posix(): path.read_text(encoding="utf-8")
        for path in sorted(folder.rglob("*.html"))
    }


def _take_out(text: str, names: Collection[str]) -> str:
    """Return a text without names."""
    for name in sorted(names, key=len, reverse=True):
        text = text.replace(name, "")
    return text
