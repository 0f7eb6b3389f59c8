"""Give the Bureau's labels of the cells of the American Community Survey that we read.

Source: ``variables.json`` of the five-year tables of 2017, 2018, 2019, and 2023, kept by
``CensusData`` 1.15 and ``CT-Data-Haven/cwi``. They agree but for table B25038, punctuation, and the
year of the dollars.
"""

from typing import NamedTuple


class Moves(NamedTuple):
    """The periods of table B25038, year the householder moved in, in some vintages.

    Parameters
    ----------
    first_vintage, last_vintage
        The vintages.
    newest, recent
        First years of the newest period and of the one before it.
    oldest
        The year before which the oldest period ends.
    """

    first_vintage: int
    last_vintage: int
    newest: int
    recent: int
    oldest: int


#: Source: labels to 2019 and of 2023, as above; for 2020 to 2022 the periods of the same question
#: in DP04, for 2024 those of the release.
MOVES = (
    Moves(2017, 2017, 2015, 2010, 1980),
    Moves(2018, 2019, 2017, 2015, 1990),
    Moves(2020, 2021, 2019, 2015, 1990),
    Moves(2022, 2023, 2021, 2018, 1990),
    Moves(2024, 2024, 2023, 2020, 1990),
)

_MOVES_TABLE = "B25038"
#: The cells of owners in table B25038 begin at 3, those of renters at 10.
_RENTERS_OFFSET = 7

_LABELS = {
    "B02009_001E": "Total",
    "B02010_001E": "Total",
    "B02011_001E": "Total",
    "B02012_001E": "Total",
    "B03002_012E": "Total!!Hispanic or Latino",
    "B01001_001E": "Total",
    "B01001_003E": "Total!!Male!!Under 5 years",
    "B01001_027E": "Total!!Female!!Under 5 years",
    "B11005_005E": (
        "Total!!Households with one or more people under 18 years!!Family households!!Other family"
    ),
    "B17001_001E": "Total",
    "B17001_002E": "Total!!Income in the past 12 months below poverty level",
    "B19013_001E": "Median household income in the past 12 months",
    "B25001_001E": "Total",
    "B25003_001E": "Total",
    "B25003_002E": "Total!!Owner occupied",
    "B25003_003E": "Total!!Renter occupied",
    "B25007_003E": "Total!!Owner occupied!!Householder 15 to 24 years",
    "B25007_004E": "Total!!Owner occupied!!Householder 25 to 34 years",
    "B25007_009E": "Total!!Owner occupied!!Householder 65 to 74 years",
    "B25007_010E": "Total!!Owner occupied!!Householder 75 to 84 years",
    "B25007_011E": "Total!!Owner occupied!!Householder 85 years and over",
    "B25007_013E": "Total!!Renter occupied!!Householder 15 to 24 years",
    "B25007_014E": "Total!!Renter occupied!!Householder 25 to 34 years",
    "B25007_019E": "Total!!Renter occupied!!Householder 65 to 74 years",
    "B25007_020E": "Total!!Renter occupied!!Householder 75 to 84 years",
    "B25007_021E": "Total!!Renter occupied!!Householder 85 years and over",
    "B25008_001E": "Total",
    "B25014_005E": "Total!!Owner occupied!!1.01 to 1.50 occupants per room",
    "B25014_006E": "Total!!Owner occupied!!1.51 to 2.00 occupants per room",
    "B25014_007E": "Total!!Owner occupied!!2.01 or more occupants per room",
    "B25014_011E": "Total!!Renter occupied!!1.01 to 1.50 occupants per room",
    "B25014_012E": "Total!!Renter occupied!!1.51 to 2.00 occupants per room",
    "B25014_013E": "Total!!Renter occupied!!2.01 or more occupants per room",
    "B25024_004E": "Total!!2",
    "B25024_005E": "Total!!3 or 4",
    "B25024_006E": "Total!!5 to 9",
    "B25024_007E": "Total!!10 to 19",
    "B25024_008E": "Total!!20 to 49",
    "B25024_009E": "Total!!50 or more",
    "B26001_001E": "Total",
    "B28001_001E": "Total",
    "B28001_006E": (
        "Total!!Has one or more types of computing devices!!Smartphone!!"
        "Smartphone with no other type of computing device"
    ),
    "B28001_011E": "Total!!No Computer",
    "B28002_001E": "Total",
    "B28002_002E": "Total!!With an Internet subscription",
    "B28002_006E": (
        "Total!!With an Internet subscription!!Cellular data plan!!"
        "Cellular data plan with no other type of Internet subscription"
    ),
    "B28002_007E": (
        "Total!!With an Internet subscription!!Broadband such as cable, fiber optic or DSL"
    ),
    "B28002_012E": "Total!!Internet access without a subscription",
    "B28002_013E": "Total!!No Internet access",
    "C16001_001E": "Total",
    "C16001_005E": 'Total!!Spanish!!Speak English less than "very well"',
    "C16001_008E": 'Total!!French, Haitian, or Cajun!!Speak English less than "very well"',
    "C16001_014E": (
        'Total!!Russian, Polish, or other Slavic languages!!Speak English less than "very well"'
    ),
    "C16001_017E": 'Total!!Other Indo-European languages!!Speak English less than "very well"',
    "C16001_020E": 'Total!!Korean!!Speak English less than "very well"',
    "C16001_023E": (
        'Total!!Chinese (incl. Mandarin, Cantonese)!!Speak English less than "very well"'
    ),
    "C16001_026E": 'Total!!Vietnamese!!Speak English less than "very well"',
    "C16001_029E": 'Total!!Tagalog (incl. Filipino)!!Speak English less than "very well"',
    "C16001_032E": (
        'Total!!Other Asian and Pacific Island languages!!Speak English less than "very well"'
    ),
    "C16001_035E": 'Total!!Arabic!!Speak English less than "very well"',
    "C16002_004E": "Total!!Spanish!!Limited English speaking household",
    "C16002_007E": "Total!!Other Indo-European languages!!Limited English speaking household",
    "C16002_010E": "Total!!Asian and Pacific Island languages!!Limited English speaking household",
    "C16002_013E": "Total!!Other languages!!Limited English speaking household",
    "C17002_008E": "Total!!2.00 and over",
}


def label_estimate(code: str, vintage: int) -> str:
    """Return the Bureau's label of an estimate, without "Estimate", colons, and year of dollars.

    Parameters
    ----------
    code
        Such as ``B25003_001E``.
    vintage
        Last year of the five-year period.

    Returns
    -------
    str
        Parts joined by ``!!``; empty for a cell that we do not read.
    """
    table, cell = code.removesuffix("E").split("_")
    if table != _MOVES_TABLE:
        return _LABELS.get(code, "")
    number = int(cell)
    tenure = "Owner" if number < 3 + _RENTERS_OFFSET else "Renter"
    period = _list_periods(vintage).get(number if tenure == "Owner" else number - _RENTERS_OFFSET)
    return f"Total!!{tenure} occupied!!Moved in {period}" if period else ""


def _list_periods(vintage: int) -> dict[int, str]:
    """List the periods of table B25038 that we read, by their cell among owners."""
    for moves in MOVES:
        if moves.first_vintage <= vintage <= moves.last_vintage:
            return {
                3: f"{moves.newest} or later",
                4: f"{moves.recent} to {moves.newest - 1}",
                8: f"{moves.oldest - 1} or earlier",
            }
    return {}
