"""Damage the bytes of a file as disks, networks, editors, and spreadsheets do."""

import random
import re
from collections.abc import Callable

#: Values that people, spreadsheets, and programs write where a value belongs.
ODD_VALUES = (
    *("", " ", "NaN", "nan", "inf", "-inf", "1e400", "-1", "-0", "0.0", "1e3", "9" * 40, "1_000"),
    *("1,000", "12,5", "67.3%", "1.7031E+10", '="17031010100"', "'17031010100", "17031010100.0"),
    *("TRUE", "true", "null", "None", "#N/A", "#REF!", "=1+1", "@SUM(A1)", "-555555555", "140.0"),
    *("2020-02-30", "0000-00-00", "9999-12-31", "02/30/2020", "2020-10-16T23:00:00-12:00"),
    *("1969-12-31", "99999-01-01", "\N{ARABIC-INDIC DIGIT THREE}", "\N{SUPERSCRIPT TWO}"),
    *("\x00", "\u202e", "\ufeff", "\N{NO-BREAK SPACE}", "\ud7ff", "a" * 5_000, "\\", '"', "'"),
    *(
        "[" * 3_000,
        "{" * 3_000,
        "[[[]]]",
        "{}",
        "[]",
        "two\nlines",
        "<html>",
        "../../etc",
        "$(x)",
        "%s%n",
    ),
)
_VALUE = re.compile(rb'"[^"\n]*"|[0-9][0-9.\-:T+]*|true|false|null')
_LONGEST = 20


def damage_file(data: bytes, rng: random.Random) -> bytes:
    """Return the bytes after one to three kinds of damage."""
    for _ in range(rng.choice((1, 1, 1, 2, 3))):
        data = rng.choice(DAMAGES)(data, rng)
    return data


def _flip_bits(data: bytes, rng: random.Random) -> bytes:
    """Change some bytes, as a bad disk does."""
    changed = bytearray(data)
    for _ in range(rng.randint(1, 4) if changed else 0):
        changed[rng.randrange(len(changed))] ^= 1 << rng.randrange(8)
    return bytes(changed)


def _cut_off(data: bytes, rng: random.Random) -> bytes:
    """End too early, as a broken download does."""
    return data[: rng.randrange(len(data) + 1)]


def _leave_out(data: bytes, rng: random.Random) -> bytes:
    """Leave a piece out."""
    start = rng.randrange(len(data) + 1)
    return data[:start] + data[start + rng.randint(1, _LONGEST) :]


def _repeat_piece(data: bytes, rng: random.Random) -> bytes:
    """Write a piece twice."""
    start = rng.randrange(len(data) + 1)
    end = start + rng.randint(1, _LONGEST)
    return data[:end] + data[start:]


def _zero_piece(data: bytes, rng: random.Random) -> bytes:
    """Fill a piece with zeros, as a file does whose blocks never reached the disk."""
    start = rng.randrange(len(data) + 1)
    end = min(len(data), start + rng.randint(1, 200))
    return data[:start] + bytes(end - start) + data[end:]


def _replace_value(data: bytes, rng: random.Random) -> bytes:
    """Put an odd value in the place of another."""
    places = list(_VALUE.finditer(data))
    if not places:
        return data
    place = rng.choice(places)
    odd = rng.choice(ODD_VALUES).encode("utf-8", "surrogatepass")
    if rng.random() < 0.5:
        odd = b'"' + odd + b'"'
    return data[: place.start()] + odd + data[place.end() :]


def _insert_value(data: bytes, rng: random.Random) -> bytes:
    """Put an odd value anywhere."""
    start = rng.randrange(len(data) + 1)
    odd = rng.choice(ODD_VALUES).encode("utf-8", "surrogatepass")
    return data[:start] + odd + data[start:]


def _swap_lines(data: bytes, rng: random.Random) -> bytes:
    """Exchange two lines, or write one twice, or leave one out."""
    lines = data.splitlines(keepends=True)
    if not lines:
        return data
    first, second = rng.randrange(len(lines)), rng.randrange(len(lines))
    match rng.randrange(3):
        case 0:
            lines[first], lines[second] = lines[second], lines[first]
        case 1:
            lines.insert(first, lines[second])
        case _:
            del lines[first]
    return b"".join(lines)


def _change_encoding(data: bytes, rng: random.Random) -> bytes:
    """Save the text in another encoding."""
    text = data.decode("utf-8", "replace")
    encoding = rng.choice(("utf-16", "utf-16-le", "utf-32", "utf-8-sig", "cp1252", "cp037"))
    return text.encode(encoding, "replace")


def _swap_marks(data: bytes, rng: random.Random) -> bytes:
    """Exchange one mark of punctuation for another everywhere."""
    marks = [b",", b";", b"\t", b'"', b"'", b"=", b"[", b"]", b":", b".", b"\n", b"\r\n", b"-"]
    return data.replace(rng.choice(marks), rng.choice(marks))


DAMAGES: tuple[Callable[[bytes, random.Random], bytes], ...] = (
    *(_flip_bits, _cut_off, _leave_out, _repeat_piece, _zero_piece, _replace_value),
    *(_replace_value, _insert_value, _swap_lines, _change_encoding, _swap_marks),
)
