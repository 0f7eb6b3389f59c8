"""Write whole numbers as short text that a page reads quickly."""

from collections.abc import Iterable

#: Digits of base 64; none has a meaning in JSON or HTML.
DIGITS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
_MORE, _BITS = 32, 5


def write_numbers(numbers: Iterable[int]) -> str:
    """Write numbers in groups of five bits, the lowest first; a sixth bit says that more follow.

    The sign is the lowest bit of the number, so that small negative numbers stay short (zigzag).
    ``openNumbers`` of the page reads them.
    """
    marks = []
    for number in numbers:
        rest = number << 1 if number >= 0 else (-number << 1) - 1
        while rest >= _MORE:
            marks.append(DIGITS[rest % _MORE | _MORE])
            rest >>= _BITS
        marks.append(DIGITS[rest])
    return "".join(marks)
