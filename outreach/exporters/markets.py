"""Write television and radio markets by county, from the user's own table of markets.

Which county lies in which market is licensed (Nielsen's DMAs, radio metros), so the user brings
the table. Form: ``rules/markets.toml``.
"""

import pandas as pd

from outreach.errors import ExportError
from outreach.exporters.base.cells import format_figure
from outreach.exporters.base.exporter import ExportContext, Exporter, ExportFile
from outreach.exporters.base.rules import PlatformRules, load_rules
from outreach.exporters.base.traits import refuse_protected_traits
from outreach.spreadsheet import write_table
from outreach.tables import DataFrame, Targets
from outreach.units import Arm, UnitKind
from outreach.user_files.cells import read_ids
from outreach.user_files.table import read_table

_COUNTY_DIGITS = 5


def write_markets(targets: DataFrame[Targets], context: ExportContext) -> list[ExportFile]:
    """Write each market with its counties, and the households and money of the targets in it.

    A market reaches held-out places too, so it is for campaigns without a test.

    Raises
    ------
    ExportError
        There is no table of markets, no county of the targets is in it, or units are held out.
    InputError
        The table cannot be read.
    """
    refuse_protected_traits(targets)
    rules = load_rules("markets", context.rules_folder)
    held_out = int((targets["arm"] == Arm.HOLDOUT).sum())
    if held_out:
        raise ExportError(
            f"{held_out:,} units are held out, and a television or radio market shows its ads in"
            " all of its counties, so the test would measure its own ads.",
            "Use markets in a campaign without [holdout].",
        )

    # Add up the counties, then the markets.
    counties = _count_counties(targets, context)
    markets = _read_markets(rules, context)
    joined = markets.join(counties, on="county", how="inner")
    if joined.empty:
        raise ExportError(
            f"None of the counties {', '.join(sorted(counties.index)[:5])} is in"
            f" {context.markets}.",
            "Check the column of counties: five digits, the state first, such as 17031.",
        )
    grouped = joined.groupby(["medium", "market"], sort=True)
    rows = [
        (
            str(medium),
            str(market),
            " ".join(sorted(own["county"])),
            format_figure(own["households_count"].sum(), 0),
            format_figure(own["budget_usd"].sum()),
        )
        for (medium, market), own in grouped
    ]
    content = write_table(rows, rules.header("list"), bom=rules.bom.value)
    return [ExportFile("media-markets.csv", content)]


def _count_counties(targets: DataFrame[Targets], context: ExportContext) -> pd.DataFrame:
    """Return households and money of the advertised targets by county.

    A unit counts toward its counties by how much of its tracts lies in it.
    """
    advertised = targets[targets["arm"] == Arm.TREAT]
    figures = advertised[["households_count", "budget_usd"]].fillna(0.0)
    tracts = advertised["kind"] == UnitKind.TRACT
    whole = advertised.loc[tracts, "place"].rename("geoid").rename_axis("unit_id").reset_index()
    parts = [whole.assign(weight=1.0)]
    if context.members is not None:
        parts.append(context.members[context.members["unit_id"].isin(advertised.index[~tracts])])
    pairs = pd.concat(parts, ignore_index=True)
    if pairs.empty:
        raise ExportError(
            "It is not known in which counties these places lie.", "Run the campaign again."
        )
    pairs["county"] = pairs["geoid"].str[:_COUNTY_DIGITS]
    weights = pairs.groupby(["unit_id", "county"])["weight"].sum()
    shares = weights / weights.groupby(level="unit_id").transform("sum")
    spread = figures.reindex(shares.index.get_level_values("unit_id")).set_axis(shares.index)
    return spread.mul(shares, axis=0).groupby(level="county").sum()


def _read_markets(rules: PlatformRules, context: ExportContext) -> pd.DataFrame:
    """Return the user's markets: ``county``, ``medium``, and ``market``."""
    if context.markets is None:
        raise ExportError(
            "Which county lies in which television or radio market is licensed and not included.",
            "Name your table with --markets. It needs the columns"
            f" {', '.join(rules.header('markets'))}.",
        )
    columns = rules.header("markets")
    table = read_table(context.markets, "The table of media markets", columns)
    markets = table[list(columns)].set_axis(["county", "medium", "market"], axis=1)
    county = read_ids(markets["county"], str(context.markets)).str.zfill(_COUNTY_DIGITS)
    return markets.assign(county=county).drop_duplicates()


EXPORTER = Exporter(
    title="Television and radio markets by county",
    write=write_markets,
    notes=("A market reaches far beyond the targets: the table says how little of it they are.",),
)
