"""Count the tracts that an indicator misses, and refuse a file that misses many."""

from collections.abc import Iterable, Iterator, Sequence

import pandas as pd

from flows.steps.indicators.read import IndicatorPull
from flows.steps.sources.lost_predictors import FEWEST, NOTE_SHARE, STOP_SHARE
from outreach.campaign import Indicator
from outreach.connecticut import recode_tracts
from outreach.errors import InputError
from outreach.phrasing import write_count, write_percent

#: The census that a file's codes may be of, if they are not of the year that the campaign says.
_LIKELY_YEARS = {2010: 2020, 2020: 2010, 2030: 2020}


def find_lost_indicators(
    pulls: Iterable[IndicatorPull],
    tracts: pd.DataFrame,
    known: pd.Index,
    carried: pd.Index,
    tract_year: int,
) -> list[str]:
    """Say what the files of indicators miss, and refuse one that misses too much.

    Parameters
    ----------
    pulls
        The indicators.
    tracts
        The joined tracts, with the columns of the indicators.
    known
        Every tract of the campaign's states in the boundaries' year, rated or not.
    carried
        Every tract of other years from which figures can be carried over.
    tract_year
        Census year of the joined tracts.

    Returns
    -------
    list of str
        A sentence for codes of a file that are no tracts, and one for each county in which more
        than 1% of the rated tracts have no figure.

    Raises
    ------
    InputError
        None of the file's tracts is in the campaign's area, more than 20% of its codes in the
        campaign's states are no tracts of the year that the campaign says, or more than 20% of a
        county's rated tracts have no figure and the indicator is not partial.
    """
    sentences = []
    for pull in pulls:
        codes = known if pull.now.tract_year == tract_year else carried
        sentences += list(_judge_codes(pull, tracts, codes))
        sentences += list(_judge_tracts(pull.indicator, tracts))
    return sentences


def _judge_codes(pull: IndicatorPull, tracts: pd.DataFrame, codes: pd.Index) -> Iterator[str]:
    """Judge the codes of a file that are in the campaign's states."""
    indicator = pull.indicator
    own = recode_tracts(pull.now.table.index, codes)
    inside = own[own.str[:2].isin(tracts.index.str[:2])]
    if tracts[indicator.column].isna().all():
        raise InputError(
            f"No tract of {indicator.file} with a figure is in the campaign's area; its first one"
            f" is {own[0]}.",
            f"Name the file of this area, with eleven-digit tract codes of {indicator.tract_year}.",
        )
    unknown = inside.difference(codes)
    share = len(unknown) / len(inside)
    if not share > NOTE_SHARE:
        return
    sentence = (
        f"{write_count(len(unknown), 'code')} of {len(inside):,} in {indicator.file}"
        f" ({write_percent(share, 1)}), such as {unknown[0]}, {_be(len(unknown))} no"
        f" {'tract' if len(unknown) == 1 else 'tracts'} of {indicator.tract_year}."
    )
    if share > STOP_SHARE and len(unknown) >= FEWEST:
        raise InputError(sentence, _name_other_year(indicator))
    yield sentence


def _judge_tracts(indicator: Indicator, tracts: pd.DataFrame) -> Iterator[str]:
    """Judge the rated tracts without a figure, county by county."""
    rated = tracts[tracts["status"] == "rated"]
    lost = rated[indicator.column].isna()
    county = pd.Series(rated.index.str[:5], index=rated.index)
    for code, inside in lost.groupby(county):
        count, share = int(inside.sum()), float(inside.mean())
        if not share > NOTE_SHARE:
            continue
        sentence = (
            f"{write_count(count, 'rated tract')} of county {code} ({write_percent(share, 1)}),"
            f" such as {inside.index[inside][0]}, {'has' if count == 1 else 'have'} no figure of"
            f" the indicator '{indicator.title}'."
        )
        if share > STOP_SHARE and count >= FEWEST and not indicator.partial:
            raise InputError(
                sentence,
                f"{_name_other_year(indicator)} If the file covers only a part of the area on"
                " purpose, set partial = true, and predictor = false.",
            )
        yield sentence


def _name_other_year(indicator: Indicator) -> str:
    """Say what to do if the codes may be of another census."""
    other = _LIKELY_YEARS[indicator.tract_year]
    return f"If its codes are those of {other}, set tract_year = {other}; else correct the file."


def _be(count: int) -> str:
    return "is" if count == 1 else "are"


def list_known_tracts(tables: Sequence[pd.DataFrame]) -> pd.Index:
    """Return every tract of some tables, each once."""
    return pd.Index(sorted({str(geoid) for table in tables for geoid in table.index}), name="geoid")
