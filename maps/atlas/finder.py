"""Write which places and ZIPs lie in which county, small enough for a page.

``counties`` has the codes of the counties in order, each as its distance from the one before.
``names`` has the names of places in order: a mark for how many characters a name shares with the
one before, and the rest. ``counts`` has for each name how many counties it leads to, ``links``
their numbers, two letters each. ``zips`` has for each county how many ZIPs it holds, and these as
distances. Numbers are in Base64 VLQ, as :func:`maps.atlas.ground.encode_numbers` writes them, but
for ``links``, whose numbers are below 4,096 and mostly above what fits into two letters of VLQ.
"""

from collections.abc import Iterable, Iterator
from itertools import takewhile

import pandas as pd

from maps.atlas.ground import VLQ_LETTERS, encode_numbers
from maps.atlas.inputs import Finder
from outreach.phrasing import strip_overrides

#: Characters that begin a name: the first shares nothing with the name before, the second one
#: character, and so on. No name of a place has them, and JSON and HTML leave them as they are.
MARKS = "0123456789!#$%*+:;=?@^_|~"
_NO_MARKS = dict.fromkeys(map(ord, MARKS), " ")
#: Two letters of Base64 hold a number below the square of this.
_BASE = len(VLQ_LETTERS)


def encode_finder(finder: Finder, counties: "pd.Index[str]") -> dict[str, str]:
    """Encode the places and ZIPs of some counties; see the module for the form.

    Parameters
    ----------
    finder
        Places and ZIPs, of these and of other counties.
    counties
        Five-digit codes of the counties on the page.
    """
    codes = sorted(set(counties))
    number = {code: place for place, code in enumerate(codes)}

    # Places by name, each with the numbers of its counties.
    places = finder.places[finder.places["county"].isin(number)]
    names = places["name"].map(strip_overrides).str.translate(_NO_MARKS)
    numbers = places["county"].map(number).groupby(names.to_numpy())
    linked = numbers.agg(lambda those: sorted(set(those))).sort_index()

    # ZIPs by county.
    zips = finder.zips[finder.zips["county"].isin(number)]
    held = zips["zip"].astype(int).groupby(zips["county"].to_numpy()).agg(sorted).to_dict()
    return {
        "counties": encode_numbers(_step(int(code) for code in codes)),
        "names": "".join(_shorten_names(linked.index)),
        "counts": encode_numbers(map(len, linked)),
        "links": "".join(_pair_letters(number) for run in linked for number in run),
        "zips": encode_numbers(_count_runs(held.get(code, []) for code in codes)),
    }


def _step(numbers: Iterable[int]) -> Iterator[int]:
    """Yield the distance of each number from the one before, the first from zero."""
    before = 0
    for number in numbers:
        yield number - before
        before = number


def _count_runs(runs: Iterable[list[int]]) -> Iterator[int]:
    """Yield the length of each run and its numbers as distances."""
    for run in runs:
        yield len(run)
        yield from _step(run)


def _pair_letters(number: int) -> str:
    """Write a number below 4,096 in two letters."""
    high, low = divmod(number, _BASE)
    return VLQ_LETTERS[high] + VLQ_LETTERS[low]


def _shorten_names(names: Iterable[str]) -> Iterator[str]:
    """Yield each name without what it shares with the one before, and how much that is."""
    before = ""
    for name in names:
        alike = takewhile(lambda pair: pair[0] == pair[1], zip(before, name, strict=False))
        shared = min(sum(1 for _ in alike), len(MARKS) - 1)
        yield MARKS[shared] + name[shared:]
        before = name
