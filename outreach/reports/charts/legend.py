"""Put the maps of a report in words: their classes, and what they show."""

from outreach.catalog import Words
from outreach.palette import RATE_CLASSES
from outreach.tables import DataFrame, DistrictFigures, TractParts


def list_classes(words: Words) -> list[tuple[str, str]]:
    """Return the color and the words of each class of the rate."""
    classes = []
    for color, (low, high) in zip(RATE_CLASSES.colors, RATE_CLASSES.bounds(), strict=True):
        key = (
            "classes.below"
            if low is None
            else "classes.above"
            if high is None
            else "classes.between"
        )
        ends = {
            name: words.decimal((share or 0) * 100)
            for name, share in (("low", low), ("high", high))
        }
        classes.append((color, words.say(key, **ends)))
    return classes


def describe_district_map(parts: DataFrame[TractParts], name: str, words: Words) -> str:
    """Return the map of one district in words.

    Parameters
    ----------
    parts
        The district's rows of :attr:`outreach.reports.data.metrics.Figures.parts`.
    name, words
        Name of the district, and the language of the page.
    """
    rates = parts.loc[~(parts["households_count"] <= 0), "cumulative_share"]
    return words.say(
        "choropleth.alt",
        name=words.name(name),
        count=len(rates),
        low=words.share(rates.min()),
        high=words.share(rates.max()),
    )


def describe_districts_map(table: DataFrame[DistrictFigures], words: Words) -> str:
    """Return the map of all districts in words.

    Parameters
    ----------
    table
        :attr:`outreach.reports.data.metrics.Figures.table`.
    words
        The language of the page.
    """
    rates, names = table["cumulative_share"].dropna(), table["name"]
    lowest, highest = (names[rates.index[int(place)]] for place in (rates.argmin(), rates.argmax()))
    return words.say(
        "choropleth.alt_index",
        count=len(table),
        low=words.share(rates.min()),
        high=words.share(rates.max()),
        lowest=words.name(str(lowest)),
        highest=words.name(str(highest)),
    )
