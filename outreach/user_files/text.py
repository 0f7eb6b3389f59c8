"""Turn the bytes of a text file into text, whatever encoding it was saved in."""

import codecs
import re

from outreach.errors import InputError
from outreach.user_files.container import Content

_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
#: Files that are no text, by their first bytes.
_KINDS = (
    (b"%PDF", "a PDF"),
    (b"\x89PNG", "a picture"),
    (b"\xff\xd8\xff", "a picture"),
    (b"GIF8", "a picture"),
    (b"PAR1", "a Parquet file"),
    (b"SQLite format 3", "a database"),
    (b"PK\x03\x04", "a zip archive"),
)
_PAGE = re.compile(rb"\s*<(!doctype html|html|head|body)\b", re.IGNORECASE)
_CONTROLS = re.compile(r"[\x00-\x08\x0e-\x19\x1b-\x1f]")
_LOOKED_AT = 4096
_MANY_ZEROS = 0.2


def decode_text(content: Content, what: str) -> str:
    """Decode UTF-8, UTF-16 and UTF-32 with or without a mark, and else Windows-1252.

    Parameters
    ----------
    content
        The file.
    what
        What it should be, for messages.

    Raises
    ------
    InputError
        It is a web page, a PDF, a picture or anything else that is no text.
    """
    data = content.data
    refuse_page(data, content.origin, what)
    for magic, kind in _KINDS:
        if data.startswith(magic):
            raise InputError(f"{content.origin} is {kind}, not {what}.", "Name another file.")

    text = _decode(data)
    if _CONTROLS.search(text[:_LOOKED_AT]):
        raise InputError(
            f"{content.origin} is not text, so it is not {what}.", "Name another file."
        )
    return text.removeprefix("\ufeff").removesuffix("\x1a")


def refuse_page(data: bytes, origin: str, what: str) -> None:
    """Refuse a web page that was saved in place of a file.

    Raises
    ------
    InputError
        The bytes begin as HTML does.
    """
    if _PAGE.match(data.removeprefix(codecs.BOM_UTF8)[:_LOOKED_AT]):
        raise InputError(
            f"{origin} is a web page, not {what}: the site answered with a page, perhaps one that"
            " asks to sign in.",
            "Download the file itself.",
        )


def _decode(data: bytes) -> str:
    """Decode by the mark, else by the pattern of zero bytes, else UTF-8, else Windows-1252."""
    encodings = [name for mark, name in _MARKS if data.startswith(mark)][:1]
    head = data[:_LOOKED_AT]
    if not encodings and head.count(0) > _MANY_ZEROS * len(head):
        encodings = ["utf-16-be" if head[0] == 0 else "utf-16-le"]
    for encoding in (*encodings, "utf-8", "cp1252"):
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    return data.decode("latin-1")
