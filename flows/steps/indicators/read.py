"""Read the figures of tracts that a campaign has in files of its own."""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path

import pandas as pd

from flows.steps.sources.pulled import Pulled, hash_table
from geo.download import fetch_file
from models.features.predictors import Predictor, find_protected
from outreach.campaign import Campaign, Indicator
from outreach.errors import CampaignError, InputError
from outreach.phrasing import write_count
from outreach.settings import Settings
from outreach.store import Input
from outreach.transport import Transport
from outreach.user_files.tract_figures import read_tract_figures

#: What the figures of a unit can be, as a message says it.
_RANGES = {
    "percent": (0.0, 100.0, "a percentage from 0 to 100"),
    "share": (0.0, 1.0, "a share from 0 to 1"),
    "count": (0.0, float("inf"), "a count of 0 or more"),
    "usd": (0.0, float("inf"), "an amount of 0 dollars or more"),
    "index": (float("-inf"), float("inf"), "a number"),
}
#: Percentages of at least so many tracts that are all this small look like shares.
_LEAST_ROWS, _LARGEST_SHARE = 20, 1.0
#: How a model reads the figures of a unit, and what it divides them by.
_FORMS = {
    "percent": ("share", ""),
    "share": ("share", ""),
    "count": ("ratio", "households_count"),
    "usd": ("log", ""),
    "index": ("value", ""),
}
#: What the predictors of all indicators are about, as explanations name it.
_CONCEPT = "local indicator"


@dataclass(frozen=True)
class IndicatorPull:
    """The figures of an indicator as its file has them.

    Attributes
    ----------
    indicator
        What the campaign says of it.
    now
        Its figures, in :attr:`~outreach.campaign.Indicator.columns`.
    then
        Those on the eve of the last census, in its last column; ``None`` without any.
    """

    indicator: Indicator
    now: Pulled
    then: Pulled | None


def read_indicators(campaign: Campaign, request: Campaign | None = None) -> list[IndicatorPull]:
    """Read every indicator of a campaign.

    Parameters
    ----------
    campaign
        With files that are on the disk.
    request
        The same campaign as the planner wrote it, for the record of where files came from.

    Raises
    ------
    CampaignError
        A predictor is about race, ethnicity, ancestry, or nativity.
    InputError
        A file cannot be read, or a figure is not what its unit says.
    """
    written = (request or campaign).indicators
    return [
        read_indicator(indicator, Path(indicator.file), own.file)
        for indicator, own in zip(campaign.indicators, written, strict=True)
    ]


def read_indicator(indicator: Indicator, path: Path, address: str) -> IndicatorPull:
    """Read one indicator; parameters and errors are those of :func:`read_indicators`."""
    _refuse_trait(indicator)
    named = (indicator.value_column, indicator.last_column, *indicator.earlier.values())
    columns = list(filter(None, named))
    what = f"the indicator '{indicator.title}'"
    figures = read_tract_figures(
        path,
        what,
        indicator.tract_column,
        list(dict.fromkeys(columns)),
        indicator.value_is or "",
        indicator.classes,
    )
    now = _describe_pull(indicator, figures[indicator.value_column], path, address)
    before = {
        indicator.columns[moment]: _check_figures(indicator, figures[column], path)
        for moment, column in indicator.earlier.items()
    }
    if before:
        table = now.table.assign(**before)
        now = replace(
            now, table=table, source=now.source.model_copy(update={"sha256": hash_table(table)})
        )
    then = None
    if indicator.last_column is not None:
        then = _describe_pull(indicator, figures[indicator.last_column], path, address)
    return IndicatorPull(indicator, now, then)


def find_indicator(indicator: Indicator, settings: Settings, transport: Transport) -> IndicatorPull:
    """Read an indicator before a run keeps its file; one at a web address is downloaded.

    Raises
    ------
    ServiceError
        The file cannot be downloaded, and there is no cached copy.
    CampaignError, InputError
        As :func:`read_indicators`.
    """
    path = Path(indicator.file)
    if indicator.file.startswith(("http://", "https://")):
        path = fetch_file(transport, indicator.file, settings.files_cache).path
    return read_indicator(indicator, path, indicator.file)


def list_own_predictors(indicators: Iterable[Indicator]) -> tuple[Predictor, ...]:
    """Return the predictors that a campaign brings itself.

    A count is read per household, and dollars on a logarithmic scale.
    """
    predictors = []
    for indicator in indicators:
        if indicator.predictor:
            form, whole = _FORMS[indicator.unit]
            column = indicator.column
            name = column if form in {"share", "value"} else f"{column.rpartition('_')[0]}_{form}"
            words = f"{indicator.title} per household" if whole else indicator.title
            predictors.append(Predictor(name, _CONCEPT, words, (column,), whole, form))
    return tuple(predictors)


def _describe_pull(
    indicator: Indicator, figures: "pd.Series[float]", path: Path, address: str
) -> Pulled:
    """Check the figures of one column, and join them with their record in the manifest."""
    shares = _check_figures(indicator, figures, path)
    table = shares.rename(indicator.column).to_frame()
    is_now = figures.name == indicator.value_column
    note = _warn_of_unit(indicator, figures)
    blank = int(figures.isna().sum())
    if blank:
        rows = write_count(blank, "tract")
        note = f"{note} The indicator '{indicator.title}' has no figure for {rows} of its file."
    source = Input(
        name=f"indicator {indicator.name}",
        address=f"{address} ({figures.name}), {indicator.source}",
        vintage=indicator.vintage if is_now else indicator.last_vintage,
        rows=len(table),
        sha256=hash_table(table),
        fetched_at=dt.datetime.now(dt.UTC),
        note=note.strip(),
    )
    return Pulled(table, indicator.tract_year, source)


def _check_figures(
    indicator: Indicator, figures: "pd.Series[float]", path: Path
) -> "pd.Series[float]":
    """Refuse figures that are not what their unit says; return percentages as shares."""
    if indicator.unit in _RANGES:
        _check_range(indicator, figures, path)
    if figures.notna().sum() == 0:
        raise InputError(
            f"{path}: {figures.name} has no figure.", "Name the column with the figures."
        )
    if indicator.predictor and figures.min() == figures.max():
        raise InputError(
            f"{path}: {figures.name} is {figures.dropna().iloc[0]:g} in every tract, so nothing can"
            " be learned from it.",
            f"Set predictor = false for the indicator '{indicator.name}'.",
        )
    return figures / 100 if indicator.unit == "percent" else figures


def _check_range(indicator: Indicator, figures: "pd.Series[float]", path: Path) -> None:
    """Refuse figures that cannot be of their unit."""
    low, high, kind = _RANGES[indicator.unit]
    wrong = (figures < low) | (figures > high)
    if wrong.any():
        example = figures.index[wrong][0]
        more = f" ({wrong.sum():,} such tracts)" if wrong.sum() > 1 else ""
        raise InputError(
            f"{path}: {figures.name} of tract {example} is {figures[example]:g}, not {kind}{more}.",
            f"Correct the file, or the unit of the indicator '{indicator.name}'.",
        )


def _warn_of_unit(indicator: Indicator, figures: "pd.Series[float]") -> str:
    """Say that percentages look like shares, if they do."""
    known = figures.dropna()
    if indicator.unit != "percent" or len(known) < _LEAST_ROWS or known.max() > _LARGEST_SHARE:
        return ""
    return (
        f"No figure of the indicator '{indicator.title}' is above 1%. If they are shares from 0 to"
        ' 1, its unit is "share".'
    )


def _refuse_trait(indicator: Indicator) -> None:
    """Refuse a predictor whose words are about a protected trait."""
    if not indicator.predictor:
        return
    texts = (
        *(indicator.name, indicator.title, indicator.value_column),
        *(indicator.last_column or "", indicator.value_is or ""),
    )
    for text in texts:
        word = find_protected(text)
        # A language may be called by a continent, people may not.
        if "asian" in text.lower() and not {"language", "english"} & set(text.lower().split()):
            word = word or "asian"
        if word:
            raise CampaignError(
                f"The indicator '{indicator.name}' is about '{text}' ({word}), a protected trait.",
                "Set predictor = false; outreach must not be directed by it.",
            )
