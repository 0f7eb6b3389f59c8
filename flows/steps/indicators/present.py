"""Present indicators on maps and in open data: layers, words, and what columns mean."""

from collections.abc import Iterable
from dataclasses import replace

import pandas as pd

from maps.layer import FigureUnit, Layer, LayerGroup
from outreach import palette
from outreach.campaign import Indicator
from outreach.catalog import Words
from outreach.files import make_slug
from outreach.reports.data.city_series import CitySeries

#: How the figures of a unit are written and colored.
_UNITS = {
    "percent": FigureUnit.SHARE,
    "share": FigureUnit.SHARE,
    "count": FigureUnit.COUNT,
    "usd": FigureUnit.USD,
    "index": FigureUnit.SCORE,
    "class": FigureUnit.CLASS,
}
_PALETTES = {
    FigureUnit.SHARE: palette.PURPLE,
    FigureUnit.COUNT: palette.ORANGE,
    FigureUnit.USD: palette.GREEN,
    FigureUnit.SCORE: palette.RED,
    FigureUnit.CLASS: palette.CLASSES,
}
#: The place of the first indicator in the list of layers, behind those that ship.
_FIRST_ORDER = 100
#: What a share or a count is, where the open data say what a column means.
_MEANINGS = {
    "percent": "a share 0-1",
    "share": "a share 0-1",
    "count": "a count; 5 stands for 1 to 9",
    "usd": "US dollars",
    "index": "an index",
    "class": "a class in words",
}


def make_layers(indicators: Iterable[Indicator]) -> dict[str, Layer]:
    """Return a layer for each indicator, by the name that the catalog's texts of it have."""
    layers = {}
    for order, indicator in enumerate(indicators, start=_FIRST_ORDER):
        unit = _UNITS[indicator.unit]
        layers[f"indicator_{indicator.name}"] = Layer(
            column=indicator.column,
            unit=unit,
            palette=_PALETTES[unit],
            group=LayerGroup.PEOPLE,
            order=order,
            # A tract is of a class or not; a carried one may be in part.
            classes=2 if indicator.value_is else 6,
            dated=False,
            names=indicator.classes,
        )
    return layers


def add_words(words: Words, indicators: Iterable[Indicator]) -> Words:
    """Return a catalog that also has what the planner calls the indicators, in any language."""
    texts = dict(words.texts)
    for indicator in indicators:
        key = f"layer.indicator_{indicator.name}"
        texts[f"{key}.title"] = indicator.title
        texts[f"{key}.note"] = words.say(
            "indicator.note", title=words.name(indicator.title), year=words.moment(indicator.moment)
        )
        moment = words.moment(indicator.moment)
        texts[f"{key}.source"] = f"{indicator.source.rstrip('.')}, {moment}."
        if indicator.unit == "count":
            texts[f"{key}.unit"] = words.say("indicator.count")
        texts[f"map.fact.{indicator.column}"] = f"{indicator.title} ({moment})"
        texts[f"map.filter.by.{indicator.column}"] = indicator.title
    return replace(words, texts=texts)


def list_shares(
    indicators: Iterable[Indicator], tracts: pd.DataFrame
) -> tuple[dict[str, str], dict[str, str], pd.DataFrame]:
    """Return the indicators that can be averaged over districts, as shares of each tract.

    A column of classes in words becomes one share for each class: 1 in its tracts, 0 in the others.

    Parameters
    ----------
    indicators
        Those of the campaign; counts, dollars, and indexes are left out.
    tracts
        The tracts of the run, with the columns of the indicators.

    Returns
    -------
    dict, dict, DataFrame
        What people call each share, the heading above those of one column of words, and the shares
        by tract.
    """
    titles, headings, shares = {}, {}, {}
    for indicator in indicators:
        column = indicator.column
        if column not in tracts:
            continue
        if indicator.unit == "class":
            words = tracts[column]
            for place, name in enumerate(indicator.classes, start=1):
                share = f"{column}_{make_slug(name).replace('-', '_') or place}_share"
                share = share if share not in shares else f"{column}_{place}_share"
                titles[share] = name
                headings[share] = f"{indicator.title} ({indicator.vintage})"
                shares[share] = (words == name).astype(float).where(words.notna())
        elif column.endswith("_share"):
            titles[column] = f"{indicator.title} ({indicator.vintage})"
            shares[column] = tracts[column]
    return titles, headings, pd.DataFrame(shares, index=tracts.index)


def list_public_meanings(indicators: Iterable[Indicator]) -> dict[str, str]:
    """Return what the columns of the public indicators mean, for the open data."""
    return {
        column: (
            f"{indicator.title} ({_MEANINGS[indicator.unit]}). Source:"
            f" {indicator.source.rstrip('.')}, {moment}."
        )
        for indicator in indicators
        if indicator.public
        for moment, column in indicator.columns.items()
    }


def list_series(indicators: Iterable[Indicator]) -> tuple[CitySeries, ...]:
    """Return the series of each indicator, for pages; words have none."""
    return tuple(
        CitySeries(
            indicator.title,
            indicator.source.rstrip("."),
            indicator.unit,
            {column: moment for moment, column in indicator.columns.items()},
        )
        for indicator in indicators
        if indicator.unit != "class"
    )
