"""Say what the columns of a map's table mean, for the file that goes with it."""

from collections.abc import Iterable

from maps.layer import Layer
from maps.run.people import MARGIN
from outreach.catalog import Words

#: Units by the ending of a column's name.
_UNITS = ("share", "points", "count", "usd", "score", "date")
_RANKS = {"rank", "rank_low", "rank_high"}


def describe_columns(
    kinds: Iterable[str], columns: Iterable[str], layers: dict[str, Layer], words: Words
) -> list[tuple[str, str, str]]:
    """Describe the columns of the table that a reader saves.

    Parameters
    ----------
    kinds
        Kinds of district, each a column of its own.
    columns
        Further columns besides the codes and dates that every table has.
    layers
        What the page shows of them.
    words
        The language.

    Returns
    -------
    list of tuple
        Column, meaning, and unit.
    """
    meanings = {layer.column: words.say(f"layer.{name}.note") for name, layer in layers.items()}
    meanings |= {kind: words.say("column.district", kind=words.kind(kind)) for kind in kinds}
    names = ["geo_id", "name", *kinds, "status", "data_date", "rate_date", *columns]
    return [
        (name, _find_meaning(name, meanings, words), words.say(f"column_unit.{_find_unit(name)}"))
        for name in dict.fromkeys(names)
    ]


def _find_meaning(column: str, meanings: dict[str, str], words: Words) -> str:
    """Return what the catalog says of a column, of its line in the popup, or of its layer."""
    if column.endswith(MARGIN):
        share = _find_meaning(column.removesuffix(MARGIN), meanings, words)
        return words.say("map.people.moe", share=share)
    for place in ("column", "map.people", "map.fact", "map.filter.by"):
        if f"{place}.{column}" in words.texts:
            return words.say(f"{place}.{column}")
    return meanings.get(column, column)


def _find_unit(column: str) -> str:
    """Find the unit of a column by the ending of its name."""
    if column in _RANKS:
        return "rank"
    figure = column.removesuffix(MARGIN)
    return next((unit for unit in _UNITS if figure.endswith(f"_{unit}")), "text")
