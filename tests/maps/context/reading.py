"""Read what a map carries around its tracts, as the page's scripts do."""

from maps.context.numbers import DIGITS


def read_numbers(text: str) -> list[int]:
    """Read numbers as ``openNumbers`` of the page does."""
    numbers, value, shift = [], 0, 0
    for mark in text:
        digit = DIGITS.index(mark)
        value |= (digit & 31) << shift
        shift += 5
        if digit & 32:
            continue
        numbers.append(-((value + 1) >> 1) if value & 1 else value >> 1)
        value = shift = 0
    return numbers


def read_lines(text: str) -> list[list[tuple[int, int]]]:
    """Read lines as places on the grid."""
    numbers = read_numbers(text)
    lines, at, x, y = [], 0, 0, 0
    while at < len(numbers):
        count, at = numbers[at], at + 1
        line = []
        for _ in range(count):
            x, y, at = x + numbers[at], y + numbers[at + 1], at + 2
            line.append((x, y))
        lines.append(line)
    return lines


def read_streets(index: dict[str, str]) -> dict[str, list[int]]:
    """Read the tracts of each street."""
    numbers, streets, last, at = read_numbers(index["tracts"]), {}, "", 0
    for line in index["names"].split("\n") if index["names"] else []:
        last = last[: DIGITS.index(line[0])] + line[1:]
        count, place, places = numbers[at], 0, []
        for step in numbers[at + 1 : at + 1 + count]:
            place += step
            places.append(place)
        at += 1 + count
        streets[last] = places
    return streets
