"""Tracts that an indicator misses are counted, and a file that misses many is refused."""

from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from flows.steps.indicators.losses import find_lost_indicators
from flows.steps.indicators.read import IndicatorPull
from flows.steps.sources.join import join_gathered
from outreach.campaign import Indicator
from outreach.catalog import read_words
from outreach.catalog.retell import retell
from outreach.errors import InputError
from tests.flows.steps.indicators.test_read import declare
from tests.flows.steps.sources.test_join import (
    NEW,
    OLD,
    gather,
    make_campaign,
    name_tracts,
    place_first,
    pull,
)

COLUMN = "indicator_asthma_share"


def bring(codes: pd.Index, **changes: Any) -> IndicatorPull:
    """Return an indicator with a figure for each of the codes."""
    table = pd.DataFrame({COLUMN: 0.1}, index=codes)
    indicator = Indicator(**declare(Path("mine.csv"), **changes))
    return IndicatorPull(indicator, pull("indicator asthma", table, indicator.tract_year), None)


def join(codes: pd.Index, **changes: Any) -> Any:
    gathered = gather(OLD, OLD, indicators=(bring(codes, **changes),))
    return join_gathered(make_campaign(), gathered)


def test_an_indicator_is_a_column_of_the_tracts_whichever_codes_connecticut_has() -> None:
    for codes in (OLD, NEW):
        joined = join(codes)
        assert joined.notes == ()
        assert joined.tracts[COLUMN].tolist() == [0.1] * len(OLD)
        assert joined.tracts["households_count"].notna().all()


def test_a_few_tracts_without_a_figure_are_said_by_county() -> None:
    joined = join(OLD[1:])
    assert joined.notes == (
        (
            f"1 rated tract of county 09001 (2.5%), such as {OLD[0]}, has no figure of the"
            " indicator 'Adults with asthma'."
        ),
    )


def test_many_tracts_without_a_figure_are_refused_unless_the_file_is_partial() -> None:
    with pytest.raises(InputError, match=r"10 rated tracts of county 09001.*set partial = true"):
        join(OLD[10:])
    joined = join(OLD[10:], partial=True)
    assert "10 rated tracts of county 09001 (25.0%)" in joined.notes[0]
    assert joined.tracts[COLUMN].isna().sum() == 10


def test_codes_that_are_no_tracts_are_counted_and_many_refused() -> None:
    few = OLD.append(pd.Index(["09001999900"]))
    assert join(few).notes == (
        "1 code of 41 in mine.csv (2.4%), such as 09001999900, is no tract of 2020.",
    )
    many = OLD.append(pd.Index([f"090019{number:05d}" for number in range(20)]))
    with pytest.raises(InputError, match=r"20 codes of 60.*If its codes are those of 2010, set"):
        join(many)


def test_what_is_lost_is_said_in_spanish_too() -> None:
    few = OLD.append(pd.Index(["09001999900"]))
    joins = [join(few), join(OLD[1:]), join(OLD[10:], partial=True)]
    joins.append(join_gathered(make_campaign(), gather(OLD, OLD[1:])))
    joins.append(join_gathered(name_tracts(0, 1, 7), place_first(gather(OLD, OLD), 3)))
    notes = [note for joined in joins for note in joined.notes]
    assert len(notes) == len(joins)
    told = [retell(note, read_words("es"), "note") for note in notes]
    assert [each.lang for each in told] == [""] * len(notes)
    assert told[0].text == (
        "1 código de 41 en mine.csv (2.4%), como 09001999900, no es ningún tracto de 2020."
    )


def test_a_file_of_another_area_is_refused() -> None:
    with pytest.raises(InputError, match=r"No tract of mine\.csv with a figure is in"):
        join(pd.Index(["17031010100"]))


def test_codes_of_2010_are_looked_for_among_those_that_can_be_carried_over() -> None:
    tracts = pd.DataFrame({COLUMN: 0.1, "status": "rated"}, index=OLD)
    former = pd.Index([f"0900155{number:04d}" for number in range(40)])
    assert find_lost_indicators([bring(former, tract_year=2010)], tracts, OLD, former, 2020) == []
    with pytest.raises(InputError, match=r"are no tracts of 2010\. If its codes are those of 2020"):
        find_lost_indicators([bring(OLD, tract_year=2010)], tracts, OLD, former, 2020)


def test_codes_of_2030_are_tracts_of_that_census_and_those_of_2020_are_carried_to_them() -> None:
    tracts = pd.DataFrame({COLUMN: 0.1, "status": "rated"}, index=OLD)
    former = pd.Index([f"0900155{number:04d}" for number in range(40)])
    assert find_lost_indicators([bring(OLD, tract_year=2030)], tracts, OLD, former, 2030) == []
    assert find_lost_indicators([bring(former, tract_year=2020)], tracts, OLD, former, 2030) == []
    with pytest.raises(InputError, match=r"are no tracts of 2030\. If its codes are those of 2020"):
        find_lost_indicators([bring(former, tract_year=2030)], tracts, OLD, former, 2030)
