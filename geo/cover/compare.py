"""Compare coverings by ZIPs, pins, and polygons, and name the winner."""

from collections.abc import Mapping, Sequence

import pandas as pd

from geo.cover.covering import TOUCHING, Covering
from outreach.errors import GeographyError
from outreach.phrasing import write_dollars, write_percent

#: Figures that agree to this many decimals are equal.
_DIGITS = 9
#: The rule of :func:`compare_units`, for people.
RULE = (
    "Of the kinds that reach the requested coverage, the one with the most target households per"
    " dollar wins. If none reaches it, the one with the most coverage wins. Fewer units break a"
    " tie."
)


def compare_units(
    coverings: Sequence[Covering],
    requested_share: float,
    household_usd: float | Mapping[str, float],
) -> pd.DataFrame:
    """Compare kinds of places in one table, the winner by :data:`RULE` first.

    Parameters
    ----------
    coverings
        One for each kind (and platform) that the campaign could use, with different names.
    requested_share
        The coverage that the planner wants, 0-1.
    household_usd
        Cost of one paid-for household over the campaign, for all or by the covering's name.

    Returns
    -------
    DataFrame
        Index ``name``; ``rank``, ``kind``, ``units_count``, ``target_households_count``,
        ``coverage_share``, ``households_count`` (paid-for), ``purity_share``,
        ``spill_households_count``, ``spill_usd``, ``cost_usd``, ``target_households_per_usd``,
        ``gap_share``, ``reaches``, and ``why``, the reason for the rank in words.

    Raises
    ------
    GeographyError
        There is nothing to compare, two coverings have one name, or a price is missing or not
        above 0.
    """
    names = [covering.name for covering in coverings]
    if not names or len(set(names)) < len(names):
        raise GeographyError("Give one or more coverings to compare, each with its own name.")
    prices = (
        household_usd if isinstance(household_usd, Mapping) else dict.fromkeys(names, household_usd)
    )
    for name in names:
        if not prices.get(name, 0.0) > 0:
            raise GeographyError(
                f"There is no price above 0 for a household of {name}.",
                "Give one by name, or one for all.",
            )

    table = pd.DataFrame(
        [
            _describe_covering(covering, prices[covering.name], requested_share)
            for covering in coverings
        ],
        index=pd.Index(names, name="name"),
    )

    # Rank by value among those that reach the coverage, and by coverage among the others.
    value = table["target_households_per_usd"].round(_DIGITS).where(table["reaches"], 0.0)
    coverage = table["coverage_share"].round(_DIGITS).where(~table["reaches"], 0.0)
    order = (
        table.assign(value=value, coverage=coverage)
        .sort_values(
            ["reaches", "value", "coverage", "units_count"],
            ascending=[False, False, False, True],
            kind="stable",
        )
        .index
    )
    table = table.loc[order]
    table.insert(0, "rank", range(1, len(table) + 1))
    return table.assign(why=_explain_ranks(table, requested_share))


def describe_comparison(table: pd.DataFrame, requested_share: float) -> list[str]:
    """Describe the result of :func:`compare_units`, one sentence per line.

    Parameters
    ----------
    table
        From :func:`compare_units`.
    requested_share
        The coverage that the planner wants, 0-1.
    """
    lines = []
    for name, row in table.iterrows():
        title = f"{str(name)[:1].upper()}{str(name)[1:]}"
        rank, count = int(row["rank"]), int(row["units_count"])
        place = "win" if rank == 1 else f"rank {_write_ordinal(rank)}"
        reach, pay = ("reaches", "pays") if count == 1 else ("reach", "pay")
        short = "" if row["reaches"] else f" (short of {write_percent(requested_share)})"
        lines.append(
            f"{title} {place}: {count:,} of them {reach} {write_percent(row['coverage_share'], 1)}"
            f" of the target households{short} and {pay} for {row['households_count']:,.0f}"
            f" households. {write_percent(row['purity_share'])} of these are target, so"
            f" {write_dollars(row['spill_usd'])} of {write_dollars(row['cost_usd'])} goes to"
            f" others: {row['target_households_per_usd']:.2f} target households per dollar."
        )
    return [*lines, RULE]


def _describe_covering(
    covering: Covering, household_usd: float, requested_share: float
) -> dict[str, object]:
    """Return one row of the comparison."""
    cost = covering.households_count * household_usd
    return {
        "kind": covering.kind.value,
        "units_count": len(covering.places),
        "target_households_count": covering.target_households_count,
        "coverage_share": covering.coverage_share,
        "households_count": covering.households_count,
        "purity_share": covering.purity_share,
        "spill_households_count": covering.spill_households_count,
        "spill_usd": covering.spill_households_count * household_usd,
        "cost_usd": cost,
        "target_households_per_usd": covering.target_households_count / cost if cost else 0.0,
        "gap_share": covering.gap_share,
        "reaches": covering.coverage_share >= requested_share - TOUCHING,
    }


def _explain_ranks(table: pd.DataFrame, requested_share: float) -> list[str]:
    """Explain for each row why it wins or falls behind the first, by :data:`RULE`."""
    first, requested = table.iloc[0], write_percent(requested_share)
    reasons = []
    for number, (_, row) in enumerate(table.iterrows()):
        if number == 0 and row["reaches"]:
            reason = f"wins: most target households per dollar of those that reach {requested}"
        elif number == 0:
            reason = f"wins: none reaches {requested}, and this one comes closest"
        elif row["reaches"] or not first["reaches"]:
            own = row["target_households_per_usd"]
            extra = first["target_households_per_usd"] / own - 1 if row["cost_usd"] else 0.0
            reason = f"a target household costs {extra:+.0%} compared with the winner"
        else:
            coverage = write_percent(row["coverage_share"], 1)
            reason = f"falls short: reaches {coverage} of the requested {requested}"
        reasons.append(reason)
    return reasons


def _write_ordinal(number: int) -> str:
    """Write a rank in words."""
    words = {1: "first", 2: "second", 3: "third"}
    return words.get(number, f"{number}th")
