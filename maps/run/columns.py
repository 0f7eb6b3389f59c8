"""The numbers of a map: one column for each figure, one row for each tract, gathered from the tables of a run."""

from typing import Any

import numpy as np
import pandas as pd

from maps.run.inputs import MapView
from outreach.errors import DataError
from outreach.rates import measure_change, pivot_rates
from outreach.units import Arm, UnitKind

#: Languages of the limited-English households of ACS table C16002, by the ending of their column.
LANGUAGES = {
    "spanish": "Spanish",
    "indo_european": "other Indo-European",
    "asian_pacific": "Asian or Pacific",
    "other": "other languages",
}

#: A language is named in a popup from this share of households on.
NAMED_LANGUAGE_SHARE = 0.03

#: Rates are published and kept in tenths of a per cent.
RATE_STEP = 0.001

_TARGET_COLUMNS = ["arm", "budget_usd", "impressions_count", "why"]


def gather_columns(view: MapView) -> pd.DataFrame:
    """Join tracts, scores and chosen tracts, and add what is derived from them.

    Returns
    -------
    pandas.DataFrame
        A row for each of ``view.tracts``, in their order; a figure that a tract does not have is
        missing. A bare number becomes a name, ``Tract 101.02``. Derived: ``change_7_points`` and
        ``change_28_points`` (:func:`outreach.rates.measure_change`), ``ahead_points`` (rate minus
        ``peer_share``), ``limited_english_share`` and ``languages`` in words.

    Raises
    ------
    DataError
        There is no tract, or a score or a target is for a tract that the view does not have.
    """
    if view.tracts.empty:
        raise DataError(
            f"The map of '{view.title}' has no tract.",
            "Look at the join report: the areas may be empty.",
        )
    rows = pd.DataFrame(view.tracts.drop(columns=view.tracts.geometry.name))
    bare = rows["name"].str.fullmatch(r"[\d.]+")
    rows["name"] = rows["name"].mask(bare, "Tract " + rows["name"])
    tables = [("score", view.scores)]
    if view.targets is not None:
        chosen = view.targets.loc[view.targets["kind"] == UnitKind.TRACT].set_index("place")[
            _TARGET_COLUMNS
        ]
        for column in ("budget_usd", "impressions_count"):
            # No money goes to the other arms: no figure, not a low one.
            chosen[column] = chosen[column].where(chosen["arm"] == Arm.TREAT)
        tables.append(("target", chosen))
    for name, table in tables:
        strangers = table.index.difference(rows.index)
        if len(strangers):
            raise DataError(
                f"The map of '{view.title}' has a {name} for tract {strangers[0]}, which is not among its tracts.",
                "Tracts, scores and targets must come from one run.",
            )
        fresh = table.columns.difference(rows.columns, sort=False)
        rows = rows.join(table[fresh], validate="one_to_one")
    return rows.assign(**_derive(rows, view))


def _derive(rows: pd.DataFrame, view: MapView) -> dict[str, Any]:
    """Compute the columns that no table holds, as far as their inputs are there."""
    derived: dict[str, Any] = {}
    if view.history is not None:
        season = tabulate_history(view)
        derived["change_7_points"] = measure_change(season, 7)
        derived["change_28_points"] = measure_change(season, 28)
    if "peer_share" in rows:
        derived["ahead_points"] = rows["cumulative_share"] - rows["peer_share"]
    counts = {
        words: rows[column]
        for ending, words in LANGUAGES.items()
        if (column := f"limited_english_households_{ending}_count") in rows
    }
    if counts:
        shares = pd.DataFrame(
            {words: _divide(count, rows["households_count"]) for words, count in counts.items()}
        )
        derived["limited_english_share"] = shares.sum(axis=1, min_count=1).clip(upper=1)
        derived["languages"] = _name_languages(shares)
    return derived


def _divide(part: "pd.Series[float]", whole: "pd.Series[float]") -> "pd.Series[float]":
    return part / whole.where(whole > 0)


def _name_languages(shares: pd.DataFrame) -> list[str]:
    """Name the languages of limited-English households in each row, the commonest first."""
    named = [
        sorted(
            (
                (share, words)
                for words, share in zip(shares, row, strict=True)
                if share >= NAMED_LANGUAGE_SHARE
            ),
            reverse=True,
        )
        for row in shares.to_numpy().tolist()
    ]
    return [", ".join(f"{words} {share:.0%}" for share, words in row) for row in named]


def tabulate_history(view: MapView) -> pd.DataFrame:
    """Return the cumulative rate, a row for each tract of the view, a column for each data date up to the view's, in order."""
    assert view.history is not None
    known = view.history[view.history.index.isin(view.tracts.index)]
    known = known[known["data_date"] <= pd.Timestamp(view.data_date)]
    table = pivot_rates(known).reindex(view.tracts.index)
    table[pd.Timestamp(view.data_date)] = view.tracts["cumulative_share"]
    return table.sort_index(axis=1)


def encode_column(values: "pd.Series[Any]") -> dict[str, Any]:
    """Encode a column for the page: numbers as whole numbers with a scale, text as levels with codes; missing is ``null``."""
    if pd.api.types.is_numeric_dtype(values):
        scale = _choose_scale(values)
        return {
            "scale": scale,
            "values": [None if pd.isna(v) else round(v / scale) for v in values.tolist()],
        }
    codes, levels = pd.factorize(values.astype("string"))
    return {
        "levels": levels.tolist(),
        "values": [None if code < 0 else code for code in codes.tolist()],
    }


def _choose_scale(values: "pd.Series[float]") -> float:
    """Return 1 for whole numbers, else a step fine enough for what is shown: a hundredth of a per cent or of a household."""
    known = values.dropna()
    if (known == known.round()).all() and (known.abs() > 1).any():
        return 1
    return 0.01 if known.abs().max() > 10 else 0.0001  # noqa: PLR2004  shares and scores below, counts and dollars above


def encode_history(view: MapView) -> dict[str, Any]:
    """Encode the season: ISO ``dates`` and ``values`` as :func:`_encode_steps` has them."""
    table = tabulate_history(view)
    return {"dates": _spell_dates(table), "scale": RATE_STEP, "values": _encode_steps(table)}


def encode_expectation(view: MapView) -> dict[str, Any] | None:
    """Encode the band of what was expected, about a date a week, encoded as the season: ``low`` and ``high``."""
    if view.expectation is None:
        return None
    known = view.expectation
    known = known[
        known["data_date"].isin(_thin_dates(pd.DatetimeIndex(known["data_date"].unique())))
    ]
    low, high = (
        pivot_rates(known, f"start_{end}80_share").reindex(view.tracts.index)
        for end in ("low", "high")
    )
    return {
        "dates": _spell_dates(low),
        "scale": RATE_STEP,
        "low": _encode_steps(low),
        "high": _encode_steps(high),
    }


def _thin_dates(dates: pd.DatetimeIndex) -> list[pd.Timestamp]:
    """Keep the last date, and going back every date at least a week before the one kept: a band is smooth."""
    kept: list[pd.Timestamp] = []
    for date in dates.sort_values()[::-1]:
        if not kept or kept[-1] - date >= pd.Timedelta(days=7):
            kept.append(date)
    return kept


def _spell_dates(table: pd.DataFrame) -> list[str]:
    return pd.DatetimeIndex(table.columns).strftime("%Y-%m-%d").tolist()


def _encode_steps(table: pd.DataFrame) -> list[int | None]:
    """Write rates row by row in tenths of a per cent, each as the difference from the last known one of its row; missing is ``None``."""
    steps = np.rint(table.to_numpy(dtype=float) / RATE_STEP)
    before = pd.DataFrame(steps).ffill(axis=1).shift(axis=1).fillna(0).to_numpy()
    return [None if np.isnan(step) else int(step) for step in (steps - before).ravel()]
