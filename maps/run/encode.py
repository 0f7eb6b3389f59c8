"""Encode the columns and the season of a map as small whole numbers."""

from typing import Any

import numpy as np
import pandas as pd

from maps.run.columns import tabulate_history
from maps.run.inputs import MapView
from maps.run.layer_choice import place_words
from outreach.rates import pivot_rates

#: Rates are published and stored in tenths of a percent.
RATE_STEP = 0.001

#: Figures above this are counts and dollars, others shares and scores.
_LARGE = 10


def encode_column(values: "pd.Series[Any]") -> dict[str, Any]:
    """Encode a column for the page.

    Parameters
    ----------
    values
        Numbers or text, one per tract.

    Returns
    -------
    dict
        Numbers as whole numbers ``values`` with a ``scale``; text as ``levels`` with codes
        ``values``. Missing is ``None``.
    """
    if pd.api.types.is_numeric_dtype(values):
        scale = _choose_scale(values)
        codes = [None if pd.isna(value) else round(value / scale) for value in values.tolist()]
        return {"scale": scale, "values": codes}
    positions, levels = pd.factorize(values.astype("string"))
    codes = [None if position < 0 else position for position in positions.tolist()]
    return {"levels": levels.tolist(), "values": codes}


def encode_classes(values: "pd.Series[str]", names: tuple[str, ...]) -> dict[str, Any]:
    """Encode a column of words as :func:`encode_column` does, with its levels in a given order."""
    codes = place_words(values, names)
    return {
        "levels": list(names),
        "values": [None if pd.isna(code) else int(code) for code in codes],
        "isClass": True,
    }


def encode_history(view: MapView) -> dict[str, Any]:
    """Encode the season: ISO ``dates``, and ``values`` row by row as steps of ``scale``.

    Each value is the difference from the last one of its row; missing is ``None``.
    """
    table = tabulate_history(view)
    return {"dates": _list_dates(table), "scale": RATE_STEP, "values": _encode_steps(table)}


def encode_band(view: MapView) -> dict[str, Any] | None:
    """Encode the own-start band, about one date per week, as :func:`encode_history` does.

    ``low`` and ``high`` take the place of ``values``.
    """
    if view.band is None:
        return None
    dates = _thin_dates(pd.DatetimeIndex(view.band["data_date"].unique()))
    band = view.band[view.band["data_date"].isin(dates)]
    low, high = (
        pivot_rates(band, f"start_{end}80_share").reindex(view.tracts.index)
        for end in ("low", "high")
    )
    return {
        "dates": _list_dates(low),
        "scale": RATE_STEP,
        "low": _encode_steps(low),
        "high": _encode_steps(high),
    }


def _choose_scale(values: "pd.Series[float]") -> float:
    """Choose a step for numbers: 1 for whole ones, else fine enough for what is shown.

    That is a hundredth of a percent for shares, and of a household for counts.
    """
    figures = values.dropna()
    if (figures == figures.round()).all() and (figures.abs() > 1).any():
        return 1
    return 0.01 if figures.abs().max() > _LARGE else 0.0001


def _thin_dates(dates: pd.DatetimeIndex) -> list[pd.Timestamp]:
    """Keep the last date and, going back, every date at least a week before the next kept one."""
    weekly: list[pd.Timestamp] = []
    for date in dates.sort_values()[::-1]:
        if not weekly or weekly[-1] - date >= pd.Timedelta(days=7):
            weekly.append(date)
    return weekly


def _list_dates(table: pd.DataFrame) -> list[str]:
    """List the dates of a table's columns, ISO."""
    return pd.DatetimeIndex(table.columns).strftime("%Y-%m-%d").tolist()


def _encode_steps(table: pd.DataFrame) -> list[int | None]:
    """Write rates row by row in tenths of a percent, as differences within each row."""
    steps = np.rint(table.to_numpy(dtype=float) / RATE_STEP)
    before = pd.DataFrame(steps).ffill(axis=1).shift(axis=1).fillna(0).to_numpy()
    return [None if np.isnan(step) else int(step) for step in (steps - before).ravel()]
