"""Turn the text of an answer into figures in our units."""

import numpy as np
import pandas as pd

from outreach.dataset import JAM_CEILING, Dataset, Unit, Variable
from outreach.errors import AnswerMalformed, OutOfRange

#: The jam value of a margin whose estimate is controlled: there is no sampling error (census
#: reference 1.4).
_CONTROLLED = -555_555_555.0

_NEXT_STEP = "Look at the service's answer for that tract. Nothing was stored."


def read_figures(texts: pd.DataFrame, dataset: Dataset, vintage: int, origin: str) -> pd.DataFrame:
    """Return our columns for the rows of an answer.

    Parameters
    ----------
    texts
        One column for each code of ``dataset``, as text or missing; index ``geoid``.
    dataset, vintage
        What was requested.
    origin
        Dataset and area, for messages.

    Returns
    -------
    pandas.DataFrame
        Index ``geoid``; ``Variable.name`` in our units (shares 0-1, from percentages) and
        ``<name>_moe`` (90%, the root of the summed squares of its codes' margins; ACS handbook,
        "Understanding and Using ACS Data", 2018, chapter 8). A sum is missing if a summand is.

    Raises
    ------
    AnswerMalformed
        A value is not of the declared type, or a required one is missing.
    OutOfRange
        A figure is outside its declared range.
    """
    columns: dict[str, pd.Series] = {}
    for variable in dataset.list_variables(vintage):
        codes = [dataset.spell(code, vintage) for code in variable.codes]
        columns[variable.name] = _read_variable(texts, codes, variable, origin)
        if variable.required:
            _refuse_missing(columns[variable.name], codes[0], origin)
        if variable.margin:
            codes = [dataset.spell(code, vintage) for code in variable.margin_codes]
            columns[variable.margin_name] = _read_margin(texts, codes, variable, origin)
    return pd.DataFrame(columns, index=texts.index)


def _read_variable(
    texts: pd.DataFrame, codes: list[str], variable: Variable, origin: str
) -> pd.Series:
    """Read one variable: a date, a text, or the sum of its codes."""
    if variable.unit is Unit.DATE:
        return _read_dates(texts[codes[0]], origin)
    if variable.unit is Unit.TEXT:
        return texts[codes[0]]
    summands = [_read_numbers(texts[code], variable, origin) for code in codes]
    return _to_unit(pd.concat(summands, axis=1).sum(axis=1, skipna=False), variable)


def _read_margin(
    texts: pd.DataFrame, codes: list[str], variable: Variable, origin: str
) -> pd.Series:
    """Read the margin of error of a variable: the root of the summed squares."""
    margins = [_read_numbers(texts[code], variable, origin, margin=True) for code in codes]
    total = np.sqrt((pd.concat(margins, axis=1) ** 2).sum(axis=1, skipna=False))
    return _to_unit(total, variable)


def _read_numbers(
    texts: pd.Series, variable: Variable, origin: str, *, margin: bool = False
) -> pd.Series:
    """Read one code. Jam values and blanks become missing; the rest must be numbers in range."""
    filled = (texts.str.strip() != "").fillna(value=False).astype("bool")
    numbers = pd.to_numeric(texts.astype("object").where(filled), errors="coerce").astype("float64")
    is_finite = numbers.between(-np.inf, np.inf, inclusive="neither")
    _refuse_values(filled & ~is_finite, texts, "is not a number", origin)
    if margin:
        numbers = numbers.where(numbers != _CONTROLLED, 0.0)
    numbers = numbers.where(numbers > JAM_CEILING)

    low, high = variable.low, variable.high
    if margin:
        low, high = 0.0, max(high, high - low)
    outside = (numbers < low) | (numbers > high)
    if outside.any():
        geoid = _find_first(outside)
        raise OutOfRange(
            f"{origin}: {texts.name} of tract {geoid} is {texts[geoid]}, outside the plausible"
            f" range {low:g} to {high:g} ({int(outside.sum()):,} such rows).",
            "If the figure is right, widen the range in outreach/census/datasets. If not, report"
            " it to the publisher.",
        )
    return numbers


def _read_dates(texts: pd.Series, origin: str) -> pd.Series:
    """Read ISO dates."""
    dates = pd.to_datetime(texts, format="%Y-%m-%d", errors="coerce").astype("datetime64[ns]")
    _refuse_values(dates.isna() & texts.notna(), texts, "is not a date", origin)
    return dates


def _to_unit(figures: pd.Series, variable: Variable) -> pd.Series:
    """Turn percentages into shares, rounded so that 67.3% is exactly the number 0.673."""
    return (figures / 100).round(6) if variable.unit is Unit.SHARE else figures


def _find_first(mask: pd.Series) -> str:
    """Return the label of the first row where the mask is true."""
    return str(mask.index[int(mask.to_numpy().argmax())])


def _refuse_values(wrong: pd.Series, texts: pd.Series, fault: str, origin: str) -> None:
    """Refuse wrong values; name the first and count them."""
    if wrong.any():
        geoid = _find_first(wrong)
        raise AnswerMalformed(
            f"{origin}: {texts.name} of tract {geoid} {fault}: {texts[geoid]!r}"
            f" ({int(wrong.sum()):,} such rows).",
            _NEXT_STEP,
        )


def _refuse_missing(figures: pd.Series, code: str, origin: str) -> None:
    """Refuse a required figure that is missing."""
    missing = figures.isna()
    if missing.any():
        raise AnswerMalformed(
            f"{origin}: {code} of tract {_find_first(missing)} is missing"
            f" ({int(missing.sum()):,} such rows), and every row needs it.",
            _NEXT_STEP,
        )
