"""A crosswalk must name the districts of the file and cover the tracts inside them."""

import pandas as pd
import pytest

from flows.steps.sources.division import match_crosswalk
from outreach.errors import InputError

TRACTS = [f"99001{number:04d}00" for number in range(1, 101)]
HOUSEHOLDS = pd.Series(10.0, index=TRACTS)
#: Tracts lie in wards 1 to 4 in turn.
WARDS = [str(place % 4 + 1) for place in range(len(TRACTS))]
LAND = pd.DataFrame({"source": TRACTS, "target": WARDS, "weight": 1.0})


def match(crosswalk: pd.DataFrame, land: pd.DataFrame = LAND) -> tuple[str, ...]:
    districts = pd.Index(["1", "2", "3", "4"])
    return match_crosswalk(crosswalk, land, districts, HOUSEHOLDS, "x.csv")


def test_a_crosswalk_that_meets_all_needs_no_word() -> None:
    assert match(LAND) == ()


@pytest.mark.parametrize("spelling", ["{:0>2}", "Ward {}", "{}.0", "W{}"])
def test_targets_in_another_spelling_are_refused(spelling: str) -> None:
    crosswalk = LAND.assign(target=[spelling.format(ward) for ward in WARDS])
    first = spelling.format("1")
    with pytest.raises(
        InputError,
        match=rf"x\.csv: 4 of 4 targets of the crosswalk \(such as {first}\), with 100% of the"
        r" households, are no district of the file \(such as 1\)",
    ):
        match(crosswalk)


def test_a_crosswalk_that_lacks_half_its_rows_is_refused() -> None:
    with pytest.raises(InputError, match=r"50 of 100 tracts inside the districts .*with 50% of"):
        match(LAND.iloc[::2])


def test_a_crosswalk_that_gives_half_of_every_tract_is_refused() -> None:
    with pytest.raises(InputError, match="100 of 100 tracts inside the districts"):
        match(LAND.assign(weight=0.5))


def test_sources_that_lost_their_zeros_are_refused() -> None:
    with pytest.raises(InputError, match=r"such as 99001000100\).*\(such as 9001000100\)"):
        match(LAND.assign(source=LAND["source"].str.slice(1)))


def test_one_tract_that_is_missing_is_a_note() -> None:
    (sentence,) = match(LAND.iloc[1:])
    assert sentence.startswith(
        "1 of 100 tracts inside the districts (such as 99001000100), with 1.00% of the households,"
    )


def test_tracts_outside_every_district_may_be_missing() -> None:
    land = LAND.assign(target=[ward if ward != "4" else "" for ward in WARDS])
    assert match(LAND[LAND["target"] != "4"], land) == ()
