"""Gather the figures of a map: one column per figure, one row per tract."""

from typing import Any

import pandas as pd

from maps.run.inputs import MapView
from maps.run.people import describe_people
from outreach.errors import DataError
from outreach.rates import measure_change, pivot_rates
from outreach.tables import DataFrame, Targets, TractActivity
from outreach.units import Arm, UnitKind

#: Languages of limited-English households of ACS table C16002: the endings of their columns, by
#: which the catalogs name them (``map.language``).
LANGUAGES = ("spanish", "indo_european", "asian_pacific", "other")

#: A language is named in a popup from this share of households on.
NAMED_LANGUAGE_SHARE = 0.03

_TARGET_COLUMNS = ["arm", "budget_usd", "impressions_count", "why"]


def gather_columns(view: MapView) -> pd.DataFrame:
    """Join tracts, scores, and chosen tracts, and add derived columns.

    Returns
    -------
    DataFrame
        A row for each of ``view.tracts``, in their order; a figure that a tract lacks is missing.
        Derived: ``change_7_points`` and ``change_28_points``
        (:func:`outreach.rates.measure_change`), ``ahead_points`` (rate minus ``peer_share``),
        ``languages``, each with its share, who lives there
        (:func:`maps.run.people.describe_people`), and contacts of partners by kind, such as
        ``doors_count``.

    Raises
    ------
    DataError
        There is no tract, or a score or target is for a tract that the view lacks.
    """
    if view.tracts.empty:
        raise DataError(
            f"The map of '{view.title}' has no tract.",
            "Check the join report: the areas may be empty.",
        )
    rows = pd.DataFrame(view.tracts.drop(columns=view.tracts.geometry.name))

    tables = {"score": pd.DataFrame(view.scores)}
    if view.targets is not None:
        tables["target"] = _list_chosen_tracts(view.targets)
    for name, table in tables.items():
        strangers = table.index.difference(rows.index)
        if len(strangers):
            raise DataError(
                f"The map of '{view.title}' has a {name} for tract {strangers[0]}, which is not"
                " among its tracts.",
                "Tracts, scores, and targets must come from one run.",
            )
        new = table.columns.difference(rows.columns, sort=False)
        rows = rows.join(table[new], validate="one_to_one")
    return rows.assign(**_derive_columns(rows, view))


def tabulate_history(view: MapView) -> pd.DataFrame:
    """Tabulate the cumulative rates of the season.

    Returns
    -------
    DataFrame
        A row for each tract of the view, a column for each data date up to the view's, in order.
    """
    assert view.history is not None
    rates = view.history[view.history.index.isin(view.tracts.index)]
    rates = rates[rates["data_date"] <= pd.Timestamp(view.data_date)]
    table = pivot_rates(rates).reindex(view.tracts.index)
    table[pd.Timestamp(view.data_date)] = view.tracts["cumulative_share"]
    return table.sort_index(axis=1)


def _list_chosen_tracts(targets: DataFrame[Targets]) -> pd.DataFrame:
    """Return arm and budget of the chosen tracts, by ``geoid``."""
    chosen = targets.loc[targets["kind"] == UnitKind.TRACT].set_index("place")[_TARGET_COLUMNS]
    # Arms without ads have no budget figure, instead of a low one.
    for column in ("budget_usd", "impressions_count"):
        chosen[column] = chosen[column].where(chosen["arm"] == Arm.TREAT)
    return chosen


def _derive_columns(rows: pd.DataFrame, view: MapView) -> dict[str, Any]:
    """Compute the columns that no table has, if their inputs are there."""
    derived: dict[str, Any] = dict(describe_people(view.tracts))
    if view.activity is not None:
        derived |= _sum_activity(view.activity, rows.index, pd.Timestamp(view.data_date))
    if view.history is not None:
        history = tabulate_history(view)
        derived["change_7_points"] = measure_change(history, 7)
        derived["change_28_points"] = measure_change(history, 28)
    if "peer_share" in rows:
        derived["ahead_points"] = rows["cumulative_share"] - rows["peer_share"]

    counts = {
        ending: rows[column]
        for ending in LANGUAGES
        if (column := f"limited_english_households_{ending}_count") in rows
    }
    if counts:
        households = rows["households_count"].where(rows["households_count"] > 0)
        shares = pd.DataFrame({ending: count / households for ending, count in counts.items()})
        derived["languages"] = _name_languages(shares)
    return derived


def _sum_activity(
    activity: DataFrame[TractActivity], geoids: pd.Index, through: pd.Timestamp
) -> "dict[str, pd.Series[float]]":
    """Return the contacts of each kind that anybody logged, by tract; 0 where there were none."""
    until = activity[activity["day"] <= through]
    sums = until.pivot_table(
        values="contacts_count", index="geoid", columns="kind", aggfunc="sum", fill_value=0.0
    )
    return {f"{kind}_count": sums[kind].reindex(geoids).fillna(0.0).round(1) for kind in sums}


def _name_languages(shares: pd.DataFrame) -> list[str]:
    """List the languages of limited-English households in each row, most common first.

    A language is written with its share: ``spanish:0.12 other:0.03``.
    """
    names = []
    for row in shares.to_numpy().tolist():
        pairs = zip(row, shares.columns, strict=True)
        common = sorted((pair for pair in pairs if pair[0] >= NAMED_LANGUAGE_SHARE), reverse=True)
        names.append(" ".join(f"{ending}:{share:.2f}" for share, ending in common))
    return names
