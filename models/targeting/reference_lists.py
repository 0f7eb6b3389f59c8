"""Lists: the lowest rates and the most missing households side by side, with what each leaves out.

They are different targets: a low rate may be that of a small tract, and most missing households
live where rates are middling. Both are by the forecast at the deadline where there is one, and else
by today's rate.
"""

from dataclasses import dataclass

import pandas as pd

from models.scores.missing_households import read_deadline
from models.targeting.selection import price_flights
from outreach.campaign import Campaign
from outreach.errors import ModelError

LOWEST, MOST = "lowest rates", "most missing households"
#: Share of the tracts, from the lowest rate up, that are called the worst.
WORST_SHARE = 0.2


@dataclass(frozen=True)
class Lists:
    """The two lists of one length.

    Attributes
    ----------
    members
        Name of the list to its tracts, first rank first.
    table
        A row is a list: ``tracts_count``, ``households_count``, ``missing_households_count`` with
        its share of all, ``worst_fifth_count`` with its share of all such tracts, ``cost_usd``,
        ``overlap_count``; and of the tracts that only the other list has, which this one leaves
        out, ``left_out_households_count``, ``left_out_missing_households_count`` and
        ``left_out_worst_fifth_count``.
    length, overlap
        Number of tracts of each list, and in both.
    basis
        By which rate, in words.
    unlisted
        Tracts that were not considered because a rate or the households are not known.
    """

    members: dict[str, pd.Index]
    table: pd.DataFrame
    length: int
    overlap: int
    basis: str
    unlisted: tuple[str, ...]

    def lines(self) -> list[str]:
        """Say in plain words what the lists share and what each leaves out."""
        told = [
            f"Two lists of {self.length:,} tracts, by {self.basis}; {self.overlap:,} stand in both."
        ]
        for name, row in self.table.iterrows():
            told.append(
                f"The list of {name} has {row['missing_households_count']:,.0f} missing households "
                f"({100 * row['missing_households_share']:.0f} % of all) and {row['worst_fifth_count']:,.0f} of the tracts of the worst fifth; "
                f"it leaves out {row['left_out_missing_households_count']:,.0f} missing households and "
                f"{row['left_out_worst_fifth_count']:,.0f} tracts of the worst fifth that the other has."
            )
        return told


def compare_lists(
    tracts: pd.DataFrame,
    campaign: Campaign,
    forecast: pd.DataFrame | None = None,
    length: int | None = None,
) -> Lists:
    """Draw up both lists and compare them.

    Parameters
    ----------
    tracts
        Tracts with ``cumulative_share``, ``households_count`` and the columns of the internet.
    campaign
        Budget and price, where no length is given.
    forecast
        Index ``geoid``: ``final_share``.
    length
        Number of tracts of each; by default as many as the budget buys of either list.

    Raises
    ------
    ModelError
        The length is negative.
    """
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
    worst = sheet.index[sheet["rate"].rank(method="first") <= WORST_SHARE * len(sheet)]
    orders = {
        LOWEST: sheet.sort_values("rate", kind="stable").index,
        MOST: sheet.sort_values("missing", ascending=False, kind="stable").index,
    }
    costs = price_flights(rated.loc[sheet.index], campaign)["budget_usd"]
    if length is None:
        length = min(
            int((costs[order].fillna(0.0).cumsum() <= campaign.budget_usd).sum())
            for order in orders.values()
        )
    elif length < 0:
        raise ModelError(f"A list cannot have {length} tracts.", "Give 0 or more.")
    members = {name: order[:length] for name, order in orders.items()}
    overlap = members[LOWEST].intersection(members[MOST])
    rows = {
        name: _describe(
            own, members[MOST if name == LOWEST else LOWEST].difference(own), sheet, worst, costs
        )
        | {"overlap_count": len(overlap)}
        for name, own in members.items()
    }
    basis = "the forecast at the deadline" if "final_share" in rated else "today's rate"
    unlisted = tuple(rated.index[~able])
    return Lists(
        members,
        pd.DataFrame(rows).T.rename_axis("list"),
        len(members[LOWEST]),
        len(overlap),
        basis,
        unlisted,
    )


def _describe(
    own: pd.Index,
    left_out: pd.Index,
    sheet: pd.DataFrame,
    worst: pd.Index,
    costs: "pd.Series[float]",
) -> dict[str, float]:
    """Count what a list has and what only the other has."""
    inside, outside = sheet.loc[own], sheet.loc[left_out]
    return {
        "tracts_count": float(len(own)),
        "households_count": float(inside["households"].sum()),
        "missing_households_count": float(inside["missing"].sum()),
        "missing_households_share": float(
            inside["missing"].sum() / max(sheet["missing"].sum(), 1e-9)
        ),
        "worst_fifth_count": float(own.isin(worst).sum()),
        "worst_fifth_share": float(own.isin(worst).sum() / max(len(worst), 1)),
        "cost_usd": float(costs[own].sum()),
        "left_out_households_count": float(outside["households"].sum()),
        "left_out_missing_households_count": float(outside["missing"].sum()),
        "left_out_worst_fifth_count": float(left_out.isin(worst).sum()),
    }
