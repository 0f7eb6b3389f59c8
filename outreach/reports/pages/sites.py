"""List the places where people get help in a district, and tracts that are far from any."""

from typing import Any

import pandas as pd

from outreach.catalog import Words
from outreach.reports.data.inputs import ReportView
from outreach.reports.text.advice import name_tract

#: So many tracts are named as far from a layer's places.
_FAR = 12


def describe_sites(
    district: str, view: ReportView, parts: pd.DataFrame, words: Words, most: int = 200
) -> dict[str, Any] | None:
    """Return what a page says of places in a district, as text.

    Parameters
    ----------
    district
        Its id.
    view
        What is shown.
    parts
        The parts of tracts in the district.
    words
        The language of the page.
    most
        So many places are listed.

    Returns
    -------
    dict or None
        ``rows`` (``name``, ``kind``, ``hours``, ``where``, ``link``), ``more`` (how many are not
        listed), and ``far``, a sentence for each layer; ``None`` where the campaign has no places.
    """
    if view.sites is None:
        return None
    inside = view.sites.list_in(district)
    rest = len(inside) - most
    return {
        "rows": [_write_site(row, words) for row in inside.head(most).to_dict("records")],
        "more": words.say("sites.more", count=rest) if rest > 0 else "",
        "far": _list_far(view, parts, words),
    }


def _write_site(row: dict[Any, Any], words: Words) -> dict[str, str]:
    """Return one place as text."""
    where = [row["address"], row["phone"], row["languages"]]
    return {
        "name": row["name"],
        "kind": words.site_kind(row["kind"]),
        "hours": row["hours"],
        "where": " · ".join(text for text in where if text),
        "link": row["link"],
    }


def _list_far(view: ReportView, parts: pd.DataFrame, words: Words) -> list[str]:
    """Say for each layer which target tracts of a district have none of its places near."""
    sites = view.sites
    if sites is None or not sites.targets:
        return []
    geoids = pd.Index(parts["geoid"])
    names = dict(zip(parts["geoid"], parts["name"], strict=True))
    far, sentences = sites.list_far(geoids), []
    for layer, miles in sites.far_miles.items():
        own = far[far["layer"] == layer]
        if own.empty:
            continue
        listed = [
            words.say(
                "sites.far_tract",
                name=words.name(name_tract(str(names[row["geoid"]]), words)),
                miles=words.decimal(row["distance_miles"]),
            )
            for row in own.head(_FAR).to_dict("records")
        ]
        if len(own) > _FAR:
            listed.append(words.say("sites.far_more", count=len(own) - _FAR))
        sentences.append(
            words.say(
                "sites.far",
                layer=words.name(words.site_kind(layer)),
                miles=words.decimal(miles),
                tracts=words.join(listed),
            )
        )
    return sentences
