"""Write which tracts each street runs through, as a short index for the search."""

import pandas as pd

from maps.context.numbers import DIGITS, write_numbers

#: A name can share so many letters with the one before it.
_LONGEST_SHARED = len(DIGITS) - 1


def index_streets(streets: pd.DataFrame, geoids: "pd.Index[str]", most: int) -> dict[str, str]:
    """Write an index from street names to tracts.

    Parameters
    ----------
    streets
        ``name`` and ``geoid``.
    geoids
        The tracts of the map in their order.
    most
        Characters that the index may have; streets in the fewest tracts are left out first.

    Returns
    -------
    dict
        ``names``: a line for each street, sorted; its first letter says how many letters it shares
        with the line before. ``tracts``: for each street the number of its tracts and their
        positions as differences.
    """
    known = streets.assign(place=geoids.get_indexer(pd.Index(streets["geoid"])))
    known = known[(known["place"] >= 0) & (known["name"].str.strip() != "")]
    known = known.assign(name=known["name"].str.replace("\n", " "))
    places = {
        str(name): sorted(set(part.tolist())) for name, part in known.groupby("name")["place"]
    }
    while True:
        index = _write_index(places)
        length = sum(map(len, index.values()))
        if length <= most or not places:
            return index
        # Keep the share that fits, the streets through most tracts first.
        keep = int(len(places) * most / length * 0.97)
        longest = sorted(places, key=lambda name: (-len(places[name]), name))[:keep]
        places = {name: places[name] for name in sorted(longest)}


def _write_index(places: dict[str, list[int]]) -> dict[str, str]:
    """Write names and tracts of streets in the order of their names."""
    lines, numbers, last = [], [], ""
    for name in sorted(places):
        shared = 0
        for ours, theirs in zip(name[:_LONGEST_SHARED], last, strict=False):
            if ours != theirs:
                break
            shared += 1
        lines.append(DIGITS[shared] + name[shared:])
        last = name
        own = places[name]
        steps = [after - before for before, after in zip([0, *own], own, strict=False)]
        numbers += [len(own), *steps]
    return {"names": "\n".join(lines), "tracts": write_numbers(numbers)}
