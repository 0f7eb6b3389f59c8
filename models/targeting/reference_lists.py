"""Compare the list of lowest rates with the list of most missing households.

They are different targets: a low rate may belong to a small tract, and most missing households live
where rates are average. Both lists go by the forecast at the deadline, or by today's rate without a
forecast.
"""

import math
from dataclasses import dataclass

import pandas as pd

from models.budget.ad_price import AdPrice
from models.scores.missing_households import read_deadline
from models.targeting.selection import price_flights
from outreach.errors import ModelError
from outreach.phrasing import write_count, write_percent
from outreach.tables import DataFrame, RatedTracts, as_table

LOWEST, MOST = "lowest rates", "most missing households"
#: Share of the tracts, from the lowest rate up, that are called the worst.
WORST_SHARE = 0.2


@dataclass(frozen=True)
class Lists:
    """The two lists, of equal length.

    Parameters
    ----------
    members
        Name of each list to its tracts, first rank first. Where no households are counted, only
        the list of lowest rates.
    table
        A row per list: ``tracts_count``, ``households_count``, ``missing_households_count`` and
        its share of all, ``worst_fifth_count`` and its share of all such tracts, ``cost_usd``,
        ``overlap_count``. For the tracts that only the other list has:
        ``left_out_households_count``, ``left_out_missing_households_count`` and
        ``left_out_worst_fifth_count``.
    length, overlap
        Number of tracts on each list, and on both.
    basis
        Which rate the lists go by, in words.
    unlisted
        Tracts that were not considered because their rate or households are not known.
    """

    members: dict[str, pd.Index]
    table: pd.DataFrame
    length: int
    overlap: int
    basis: str
    unlisted: tuple[str, ...]

    def lines(self) -> list[str]:
        """Return sentences: what the lists share, and what each leaves out."""
        if MOST not in self.members:
            sentence = (
                f"One list of the {write_count(self.length, 'tract')} with the lowest rates, by"
                f" {self.basis}; no source counts households here, so there is no list of {MOST}."
            )
            return [sentence]
        sentences = [
            f"Two lists of {self.length:,} tracts, by {self.basis}; {self.overlap:,} are on both."
        ]
        sentences += [
            f"The list of {name} has {row['missing_households_count']:,.0f} missing households"
            f" ({write_percent(row['missing_households_share'])} of all) and"
            f" {row['worst_fifth_count']:,.0f} tracts of the worst fifth; it leaves out"
            f" {row['left_out_missing_households_count']:,.0f} missing households and"
            f" {row['left_out_worst_fifth_count']:,.0f} tracts of the worst fifth that the other"
            " list has."
            for name, row in self.table.iterrows()
        ]
        return sentences


def compare_lists(
    tracts: DataFrame[RatedTracts],
    budget_usd: float,
    price: AdPrice,
    forecast: pd.DataFrame | None = None,
    length: int | None = None,
) -> Lists:
    """Build both lists and compare them.

    Parameters
    ----------
    tracts
        :class:`outreach.tables.Tracts` with ``cumulative_share``, ``households_count`` and the
        internet columns.
    budget_usd, price
        They set the length if none is given.
    forecast
        Index ``geoid``: ``final_share``.
    length
        Number of tracts on each list; by default as many as the budget buys of either list.

    Raises
    ------
    ModelError
        The length is negative.
    """
    if length is not None and length < 0:
        raise ModelError(f"A list cannot have {length} tracts.", "Give 0 or more.")

    rated, sheet = _read_sheet(tracts, price, forecast)
    if sheet.empty:
        return _list_rates(rated, length)

    # Both orders, cut to one length.
    orders = {
        LOWEST: sheet.sort_values("rate", kind="stable").index,
        MOST: sheet.sort_values("missing", ascending=False, kind="stable").index,
    }
    if length is None:
        length = min(
            int((sheet.loc[order, "cost"].fillna(0.0).cumsum() <= budget_usd).sum())
            for order in orders.values()
        )
    members = {name: order[:length] for name, order in orders.items()}
    overlap = members[LOWEST].intersection(members[MOST])
    rows = {
        name: _describe_list(sheet, own, members[MOST if name == LOWEST else LOWEST])
        for name, own in members.items()
    }
    return Lists(
        members=members,
        table=pd.DataFrame(rows).T.rename_axis("list"),
        length=len(members[LOWEST]),
        overlap=len(overlap),
        basis=_name_basis(rated),
        unlisted=tuple(rated.index[~rated.index.isin(sheet.index)]),
    )


def _list_rates(rated: pd.DataFrame, length: int | None) -> Lists:
    """List the lowest rates alone: by default the worst fifth, because no flight has a price."""
    rate = read_deadline(as_table(rated, RatedTracts))["share"].dropna().sort_index()
    worst = math.ceil(WORST_SHARE * len(rate))
    members = rate.sort_values(kind="stable").index[: worst if length is None else length]
    row = {
        "tracts_count": float(len(members)),
        "worst_fifth_count": float(min(len(members), worst)),
        "worst_fifth_share": min(len(members), worst) / max(worst, 1),
        "overlap_count": 0.0,
    }
    return Lists(
        members={LOWEST: members},
        table=pd.DataFrame({LOWEST: row}).T.rename_axis("list"),
        length=len(members),
        overlap=0,
        basis=_name_basis(rated),
        unlisted=tuple(rated.index[~rated.index.isin(rate.index)]),
    )


def _name_basis(rated: pd.DataFrame) -> str:
    """Name the rate that lists go by."""
    return "the forecast at the deadline" if "final_share" in rated else "today's rate"


def _read_sheet(
    tracts: DataFrame[RatedTracts], price: AdPrice, forecast: pd.DataFrame | None
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the rated tracts, and the figures of those whose households are known too."""
    rated = tracts[tracts["cumulative_share"].notna()]
    if forecast is not None:
        rated = rated.drop(columns="final_share", errors="ignore").join(
            forecast["final_share"], validate="one_to_one"
        )
    rate = read_deadline(rated)["share"]
    missing = rated["households_count"] * (1 - rate)
    able = missing.notna() & (rated["households_count"] > 0)
    sheet = pd.DataFrame(
        {"rate": rate, "missing": missing, "households": rated["households_count"]}
    )[able].sort_index()
    sheet["cost"] = price_flights(rated.loc[sheet.index], price)["budget_usd"]
    sheet["worst"] = sheet["rate"].rank(method="first") <= WORST_SHARE * len(sheet)
    return rated, sheet


def _describe_list(sheet: pd.DataFrame, own: pd.Index, other: pd.Index) -> dict[str, float]:
    """Count what a list has, and what only the other list has."""
    inside, outside = sheet.loc[own], sheet.loc[other.difference(own)]
    missing, worst = inside["missing"].sum(), inside["worst"].sum()
    return {
        "tracts_count": float(len(own)),
        "households_count": float(inside["households"].sum()),
        "missing_households_count": float(missing),
        "missing_households_share": float(missing / max(sheet["missing"].sum(), 1e-9)),
        "worst_fifth_count": float(worst),
        "worst_fifth_share": float(worst / max(sheet["worst"].sum(), 1)),
        "cost_usd": float(inside["cost"].sum()),
        "left_out_households_count": float(outside["households"].sum()),
        "left_out_missing_households_count": float(outside["missing"].sum()),
        "left_out_worst_fifth_count": float(outside["worst"].sum()),
        "overlap_count": len(own.intersection(other)),
    }
