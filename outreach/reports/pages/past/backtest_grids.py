"""List the figures of a backtest as tables of text for its page."""

from dataclasses import dataclass

import pandas as pd

from outreach.catalog import Words
from outreach.catalog.retell import name_term, retell
from outreach.reports.data.backtest import Measure, name_rule, name_tier

#: A difference smaller than this is rounding.
_ROUNDING = 1e-9
_POINTS = 100


@dataclass(frozen=True, slots=True)
class Grid:
    """A table of the page.

    Parameters
    ----------
    title, note
        Its heading, and a sentence below it.
    heads
        Names of the columns.
    rows
        A row's name, a note beside it, and its cells.
    """

    title: str
    note: str
    heads: tuple[str, ...]
    rows: tuple[tuple[str, str, tuple[str, ...]], ...]


def list_rules(days: pd.DataFrame, measure: Measure, words: Words) -> Grid:
    """Return one measure as a table: a row is a rule, a column is a day."""
    wide = days.pivot_table(
        index=["rule", "tier"], columns="day", values=measure.column, sort=False
    ).sort_index(axis=1)
    rows = tuple(
        (
            name_rule(str(rule), words),
            name_tier(str(tier), words),
            tuple(measure.write(value, words) for value in row),
        )
        for (rule, tier), row in zip(wide.index, wide.to_numpy(), strict=True)
    )
    heads = (words.say("backtest.rule_head"), *(words.say("backtest.day", day=day) for day in wide))
    return Grid(measure.title(words), measure.note(words), heads, rows)


def list_levels(levels: pd.DataFrame, words: Words) -> Grid | None:
    """Return the season forecast by fifth of the final rate; ``None`` without one."""
    if levels.empty:
        return None
    rows = tuple(
        (
            words.say("backtest.levels.row", day=row["day"], fifth=row["fifth"]),
            name_tier(str(row["tier"]), words),
            (
                words.count(row["tracts_count"]),
                words.share(row["covered50_share"], 0),
                words.share(row["covered80_share"], 0),
                words.number(row["error_points"], 2),
                words.bare_points(row["bias_points"] / _POINTS, 2),
            ),
        )
        for row in levels.to_dict("records")
    )
    heads = ("fifth", "tracts", "held50", "held80", "error", "bias")
    return Grid(
        words.say("backtest.levels.title"),
        words.say("backtest.levels.note"),
        tuple(words.say(f"backtest.levels.{head}") for head in heads),
        rows,
    )


def list_groups(groups: pd.DataFrame, words: Words) -> Grid | None:
    """Return the season forecast by group of people; ``None`` without one."""
    if groups.empty:
        return None
    rows = tuple(
        (
            words.say(
                "backtest.groups.row", day=row["day"], group=name_term(str(row["group"]), words)
            ),
            f"{name_term(str(row['dimension']), words)}; {name_tier(str(row['tier']), words)}",
            (
                words.share(row["covered80_share"], 0),
                words.number(row["error_points"], 2),
                words.bare_points(row["bias_points"] / _POINTS, 2),
                words.bare_points(row["bias_against_all_points"] / _POINTS, 2),
            ),
        )
        for row in groups.to_dict("records")
    )
    heads = ("groups.group", "levels.held80", "levels.error", "levels.bias", "groups.against")
    return Grid(
        words.say("backtest.groups.title"),
        words.say("backtest.groups.note"),
        tuple(words.say(f"backtest.{head}") for head in heads),
        rows,
    )


def list_regions(regions: pd.DataFrame, words: Words) -> Grid | None:
    """Count how often each rule beat the lowest current rate; ``None`` without regions."""
    if regions.empty:
        return None
    rows = []
    for (rule, tier), part in regions.groupby(["rule", "tier"], sort=False)["against_lowest_share"]:
        better = int((part > _ROUNDING).sum())
        worse = int((part < -_ROUNDING).sum())
        counts = (len(part), better, len(part) - better - worse, worse)
        cells = (
            *(words.count(count) for count in counts),
            *(words.bare_points(share) for share in (part.min(), part.mean())),
        )
        rows.append((name_rule(str(rule), words), name_tier(str(tier), words), cells))
    heads = ("days", "better", "equal", "worse", "worst", "mean")
    return Grid(
        words.say("backtest.regions.title"),
        words.say("backtest.regions.note"),
        (
            words.say("backtest.rule_head"),
            *(words.say(f"backtest.regions.{head}") for head in heads),
        ),
        tuple(rows),
    )


def list_worse_regions(regions: pd.DataFrame, words: Words) -> list[str]:
    """Name the regions and days where the blend did worse than the lowest current rate."""
    if regions.empty:
        return []
    worse = regions[(regions["rule"] == "blend") & (regions["against_lowest_share"] < -_ROUNDING)]
    return [
        words.say(
            "backtest.worse_line",
            region=retell(str(row["region"]), words, "backtest").text,
            day=row["day"],
            points=words.bare_points(row["against_lowest_share"]),
            count=row["tracts_count"],
        )
        for row in worse.to_dict("records")
    ]
