"""Write work orders for creative in languages that the campaign has no ads in."""

import pandas as pd

from models.audience.languages import (
    LANGUAGES,
    LEAST_HOUSEHOLDS,
    OTHER,
    OTHER_NAME,
    list_unread,
    name_count,
)
from outreach.phrasing import join_words, write_percent

#: How many places an order names.
_NAMED_PLACES = 3
#: From this share of a place's households on, creative in a language is usually worth it there
#: (Census reference 3.1, ASSUMED).
WORTH_SHARE = 0.05

_COLUMNS = [
    "language", "code", "households_count", "households_count_moe", "worth_places_count",
    "where_most", "missing", "why", "basis",
]  # fmt: skip


def order_creative(
    audience: pd.DataFrame, creative_languages: tuple[str, ...], basis: dict[str, str]
) -> pd.DataFrame:
    """Write one order for each language without creative that anyone in the places speaks.

    Parameters
    ----------
    audience
        The places with ads, from :func:`models.audience.describe.describe_areas`, with ``label``.
        A household is in one place only.
    creative_languages
        ISO 639-1 codes of the languages that there are ads in.
    basis
        From :func:`models.audience.languages.describe_basis`.

    Returns
    -------
    DataFrame
        Index ``order``, 1 for the most households: ``language``, ``code``, ``households_count``
        with ``households_count_moe`` (90%), ``worth_places_count`` (places where the language has
        :data:`WORTH_SHARE` of the households or more), ``where_most``, ``missing``, ``why``,
        ``basis``.
    """
    rows = [
        _write_order(audience, code, creative_languages) | {"basis": basis[code]}
        for code in list_unread(creative_languages)
        if float(audience[name_count(code)].sum()) >= LEAST_HOUSEHOLDS
    ]
    table = pd.DataFrame(rows, columns=_COLUMNS).sort_values(
        "households_count", ascending=False, kind="stable"
    )
    table.index = pd.RangeIndex(1, len(table) + 1, name="order")
    return table


def _write_order(
    audience: pd.DataFrame, code: str, creative_languages: tuple[str, ...]
) -> dict[str, object]:
    """Return the order for one language."""
    count = audience[name_count(code)]
    margins = audience.get(f"{name_count(code)}_moe", pd.Series(dtype=float))
    total = float(count.sum())
    worth = int((count / audience["households_count"] >= WORTH_SHARE).sum())

    # Why: how many, how sure, and where.
    languages = "/".join(creative_languages)
    unsure = (
        " (no more than its margin of error: there may be none)"
        if float((margins**2).sum() ** 0.5) >= total
        else ""
    )
    why = (
        f"About {total:,.0f} households do not read ads in {languages}{unsure};"
        f" in {worth:,} of {len(audience):,} places they are {write_percent(WORTH_SHARE)} of the"
        " households or more."
    )
    return {
        "language": LANGUAGES.get(code, OTHER_NAME),
        "code": code if code != OTHER else "",
        "households_count": total,
        "households_count_moe": float((margins**2).sum(min_count=1) ** 0.5),
        "worth_places_count": worth,
        "where_most": _name_places(audience, count),
        "missing": _describe_work(code),
        "why": why,
    }


def _name_places(audience: pd.DataFrame, count: "pd.Series[float]") -> str:
    """Name the places with the most households."""
    largest = count[count >= LEAST_HOUSEHOLDS].sort_values(ascending=False, kind="stable")
    most = largest.head(_NAMED_PLACES)
    labels = audience.loc[most.index, "label"]
    return ", ".join(f"{label} ({number:,.0f})" for label, number in zip(labels, most, strict=True))


def _describe_work(code: str) -> str:
    """Say what has to be made, and what the census itself offered in the language in 2020."""
    if code == OTHER:
        return (
            "Find out which languages they are (table B16001 of the county), then decide."
            " The questionnaire was in none of them; guides were in 59 languages."
        )
    channels = ["online", "by phone", *(["on paper"] if code in ("en", "es") else [])]
    return (
        f"Ads and a landing page in {LANGUAGES[code]}. In 2020 the questionnaire was available"
        f" {join_words(channels)}."
    )
