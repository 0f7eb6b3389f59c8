"""Work orders: the languages spoken where ads go that the campaign has no creative in, those of most households first."""

import pandas as pd

from models.audience.describe import LANGUAGES, OTHER, list_unread, name_count
from outreach.campaign import Campaign

#: So many places are named in an order.
_NAMED = 3
#: Fewer households than this round to nobody.
_SOME = 0.5
#: From such a share of a place's households on creative in a language is usually worth it there
#: (Census reference 3.1, ASSUMED).
WORTH_SHARE = 0.05


def order_creative(
    audience: pd.DataFrame, campaign: Campaign, basis: dict[str, str]
) -> pd.DataFrame:
    """Write one order for each language without creative that anybody in the places speaks.

    Parameters
    ----------
    audience
        The advertised places, as of :func:`models.audience.describe.describe_areas`, with
        ``label``; a household stands in one place only.
    basis
        From :func:`models.audience.describe.find_basis`.

    Returns
    -------
    DataFrame
        Index ``order``, 1 the most households: ``language``, ``code``, ``households_count`` with
        ``households_count_moe`` (90 %), ``worth_places_count`` (places where the language has
        :data:`WORTH_SHARE` of the households or more), ``where_most``, ``missing``, ``why``,
        ``basis``.
    """
    rows = []
    for code in list_unread(campaign):
        count = audience[name_count(code)]
        total = float(count.sum())
        if total < _SOME:
            continue
        margins = audience.get(f"{name_count(code)}_moe", pd.Series(dtype=float))
        worth = int((count / audience["households_count"] >= WORTH_SHARE).sum())
        rows.append(
            {
                "language": LANGUAGES.get(code, "other languages"),
                "code": code if code != OTHER else "",
                "households_count": total,
                "households_count_moe": float((margins**2).sum(min_count=1) ** 0.5),
                "worth_places_count": worth,
                "where_most": _name_places(audience, count),
                "missing": _say_missing(code),
                "why": _explain(
                    total, float((margins**2).sum() ** 0.5), worth, len(audience), campaign
                ),
                "basis": basis[code],
            }
        )
    table = pd.DataFrame(rows, columns=_COLUMNS).sort_values(
        "households_count", ascending=False, kind="stable"
    )
    table.index = pd.RangeIndex(1, len(table) + 1, name="order")
    return table


_COLUMNS = [
    "language", "code", "households_count", "households_count_moe", "worth_places_count", "where_most", "missing", "why", "basis",
]  # fmt: skip


def _name_places(audience: pd.DataFrame, count: "pd.Series[float]") -> str:
    most = count[count >= _SOME].sort_values(ascending=False, kind="stable").head(_NAMED)
    labels = audience.loc[most.index, "label"]
    return ", ".join(f"{label} ({number:,.0f})" for label, number in zip(labels, most, strict=True))


def _say_missing(code: str) -> str:
    """Say what has to be made, and what the census itself offered in the language in 2020."""
    if code == OTHER:
        return (
            "Find out which languages they are (table B16001 of the county), then decide; the questionnaire was in none of them,"
            " guides were in 59 languages."
        )
    paper = ", on paper" if code in ("en", "es") else ""
    return f"Ads and landing page in {LANGUAGES[code]}; the questionnaire was there by internet and telephone{paper} in 2020."


def _explain(total: float, margin: float, worth: int, places: int, campaign: Campaign) -> str:
    spoken = "/".join(campaign.creative_languages)
    sure = " (not more than its margin of error: perhaps there are none)" if margin >= total else ""
    where = f"in {worth:,} of {places:,} places they are {WORTH_SHARE:.0%} of the households or more".replace(
        "%", " %"
    )
    return f"About {total:,.0f} households do not read creative in {spoken}{sure}; {where}."
