"""Turns the texts of an answer into figures: jam values missing, ranges held, sums and margins built, units ours."""

import numpy as np
import pandas as pd

from outreach.dataset import JAM_CEILING, Dataset, Unit, Variable
from outreach.errors import AnswerMalformed, OutOfRange

#: The jam value of a margin whose estimate is controlled: there is no sampling error (census
#: reference 1.4).
_CONTROLLED = -555_555_555.0

_LOOK = "Look at the service's answer for that tract; nothing was kept of it."


def read_figures(texts: pd.DataFrame, dataset: Dataset, vintage: int, origin: str) -> pd.DataFrame:
    """Return our columns for the rows of an answer.

    Parameters
    ----------
    texts
        One column a code of ``dataset``, as text or missing; index ``geoid``.
    dataset, vintage
        What was asked.
    origin
        Dataset and area, for messages.

    Returns
    -------
    pandas.DataFrame
        Index ``geoid``; ``Variable.name`` in our units (shares 0-1, from per cent) and
        ``<name>_moe`` (90 %, the root of the summed squares of its codes' margins; ACS handbook,
        "Understanding and Using ACS Data", 2018, chapter 8). A sum is missing where a summand is.

    Raises
    ------
    AnswerMalformed
        A value is not of the declared type, or a required one is missing.
    OutOfRange
        A figure lies outside its declared range.
    """
    columns: dict[str, pd.Series] = {}
    for variable in dataset.variables:
        codes = [dataset.spell(code, vintage) for code in variable.codes]
        if variable.unit is Unit.DATE:
            columns[variable.name] = _read_dates(texts[codes[0]], origin)
        elif variable.unit is Unit.TEXT:
            columns[variable.name] = texts[codes[0]]
        else:
            summands = [_read_numbers(texts[code], variable, origin) for code in codes]
            columns[variable.name] = _to_unit(
                pd.concat(summands, axis=1).sum(axis=1, skipna=False), variable
            )
        if variable.required:
            _refuse_missing(columns[variable.name], codes[0], origin)
        if variable.margin:
            codes = [dataset.spell(code, vintage) for code in variable.margin_codes]
            margins = [_read_numbers(texts[code], variable, origin, margin=True) for code in codes]
            total = np.sqrt((pd.concat(margins, axis=1) ** 2).sum(axis=1, skipna=False))
            columns[variable.margin_name] = _to_unit(total, variable)
    return pd.DataFrame(columns, index=texts.index)


def _read_numbers(
    texts: pd.Series, variable: Variable, origin: str, *, margin: bool = False
) -> pd.Series:
    """Cast one code; jam values and blanks become missing, everything else must be a number in range."""
    filled = (texts.str.strip() != "").fillna(value=False).astype("bool")
    numbers = pd.to_numeric(texts.astype("object").where(filled), errors="coerce").astype("float64")
    _refuse(
        filled & ~numbers.between(-np.inf, np.inf, inclusive="neither"),
        texts,
        "is not a number",
        origin,
    )
    if margin:
        numbers = numbers.where(numbers != _CONTROLLED, 0.0)
    numbers = numbers.where(numbers > JAM_CEILING)
    low, high = (
        (0.0, max(variable.high, variable.high - variable.low))
        if margin
        else (variable.low, variable.high)
    )
    outside = (numbers < low) | (numbers > high)
    if outside.any():
        geoid = _find_first(outside)
        raise OutOfRange(
            f"{origin}: {texts.name} of tract {geoid} is {texts[geoid]}, outside the plausible {low:g} to {high:g} "
            f"({int(outside.sum()):,} such).",
            "If the figure is right, widen the range in outreach/census/datasets; if not, tell the publisher.",
        )
    return numbers


def _read_dates(texts: pd.Series, origin: str) -> pd.Series:
    """Cast ISO dates; anything else that stands there is a fault."""
    dates = pd.to_datetime(texts, format="%Y-%m-%d", errors="coerce").astype("datetime64[ns]")
    _refuse(dates.isna() & texts.notna(), texts, "is not a date", origin)
    return dates


def _to_unit(figures: pd.Series, variable: Variable) -> pd.Series:
    """Make shares of per cent; rounded so that 67.3 % is the number 0.673 and no neighbour of it."""
    return (figures / 100).round(6) if variable.unit is Unit.SHARE else figures


def _find_first(mask: pd.Series) -> str:
    """Return the label of the first row where ``mask`` is true."""
    return str(mask.index[int(mask.to_numpy().argmax())])


def _refuse(wrong: pd.Series, texts: pd.Series, complaint: str, origin: str) -> None:
    """Raise with the first wrong value and how many there are."""
    if wrong.any():
        geoid = _find_first(wrong)
        raise AnswerMalformed(
            f"{origin}: {texts.name} of tract {geoid} {complaint}: {texts[geoid]!r} ({int(wrong.sum()):,} such).",
            _LOOK,
        )


def _refuse_missing(figures: pd.Series, code: str, origin: str) -> None:
    """Raise if a required figure is missing."""
    missing = figures.isna()
    if missing.any():
        raise AnswerMalformed(
            f"{origin}: {code} of tract {_find_first(missing)} is missing ({int(missing.sum()):,} such), and no row is complete without it.",
            _LOOK,
        )
