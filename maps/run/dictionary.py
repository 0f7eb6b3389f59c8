"""Say what the columns of a map's table mean, for the file that goes with it."""

from collections.abc import Iterable

from maps.layer import Layer
from maps.run.popup import PopupLine

#: What columns mean that neither a layer nor a line of the popup explains.
_MEANINGS = {
    "geo_id": "Code of the census tract as the Bureau writes it",
    "name": "Name of the tract",
    "status": "rated: a rate is published; rateless: none is published; water: no homes",
    "data_date": "The Bureau's cut-off date of the newest figures, for columns that do not move",
    "rate_date": "Date of the response rate and of the figures that follow the date slider",
    "housing_units_count": "Housing units, occupied or not",
    "rank": "Rank by priority; 1 comes first",
    "rank_low": "Best rank within the 80% range",
    "rank_high": "Worst rank within the 80% range",
    "final_low80_share": "Low end of the forecast's 80% range",
    "final_high80_share": "High end of the forecast's 80% range",
    "arm": "treat: sees ads; holdout: comparison group; buffer: neither",
    "reasons": "Why the tract has its priority",
    "next_step": "What to do next in the tract",
}
#: Units by the ending of a column's name.
_UNITS = {
    "_share": "share, 0 to 1",
    "_points": "percentage points",
    "_count": "number",
    "_usd": "US dollars",
    "_score": "index",
    "_date": "date",
}
_RANKS = {"rank", "rank_low", "rank_high"}


def describe_columns(
    kinds: Iterable[str],
    columns: Iterable[str],
    layers: dict[str, Layer],
    lines: Iterable[PopupLine],
) -> list[tuple[str, str, str]]:
    """Describe the columns of the table that a reader saves.

    Parameters
    ----------
    kinds
        Kinds of district, each a column of its own.
    columns
        Further columns besides the codes and dates that every table has.
    layers, lines
        What the page shows of them, in words.

    Returns
    -------
    list of tuple
        Column, meaning, and unit.
    """
    meanings = {layer.column: layer.note for layer in layers.values()}
    meanings |= {line.column: line.label for line in lines} | _MEANINGS
    meanings |= {kind: f"{kind} that holds most of the tract" for kind in kinds}
    names = ["geo_id", "name", *kinds, "status", "data_date", "rate_date", *columns]
    return [(name, meanings.get(name, name), _name_unit(name)) for name in dict.fromkeys(names)]


def _name_unit(column: str) -> str:
    """Name the unit of a column by the ending of its name."""
    if column in _RANKS:
        return "rank"
    return next((unit for ending, unit in _UNITS.items() if column.endswith(ending)), "text")
