"""List the predictors of response and refuse protected traits."""

from collections.abc import Iterable
from typing import NamedTuple

from outreach.errors import DataError

#: Words for race, ethnicity, ancestry, or nativity. A predictor is refused if its name or one of
#: its columns contains one.
PROTECTED = (
    "race",
    "racial",
    "ethnic",
    "hispanic",
    "latino",
    "black",
    "african_american",
    "asian_alone",
    "asian_count",
    "asian_share",
    "white",
    "amerind",
    "american_indian",
    "aian",
    "alaska_native",
    "hawaiian",
    "nathaw",
    "nhopi",
    "pacific_islander_count",
    "ancestry",
    "foreign_born",
    "born_out",
    "nativity",
    "citizen",
)


class Predictor(NamedTuple):
    """One predictor and how it comes from profile columns.

    Parameters
    ----------
    name
        Column of the feature frame.
    concept
        What it is about. Predictors of one concept share a scale in the model and are explained
        together.
    words
        What people call it.
    parts
        Profile columns that are summed.
    whole
        Profile column to divide by; empty for a value that is used as it is.
    form
        ``share`` (clipped to 0-1), ``rest`` (1 minus the share), ``ratio``, ``value``, or ``log``.
    around
        Whether its mean over the nearest tracts is a feature too.
    question
        A question whose answers come in other classes from vintage to vintage. Of the predictors of
        one question, those without their columns are listed as missing only if none has them.
    """

    name: str
    concept: str
    words: str
    parts: tuple[str, ...]
    whole: str = ""
    form: str = "share"
    around: bool = False
    question: str = ""


_LANGUAGES = {
    "spanish": "Spanish",
    "indo_european": "another Indo-European language",
    "asian_pacific": "an Asian or Pacific language",
    "other": "another language",
}
_HOMES, _HOUSEHOLDS, _PEOPLE = "housing_units_count", "households_count", "poverty_universe_count"
_LIMITED = {name: f"limited_english_households_{name}_count" for name in _LANGUAGES}

#: Every predictor that is looked for. Those without their columns are listed as missing. Nothing
#: else is read.
PREDICTORS = (
    Predictor(
        "low_response_score",
        "past response",
        "Low Response Score",
        ("low_response_score",),
        form="value",
        around=True,
    ),
    Predictor(
        "mail_return_2010_share",
        "past response",
        "mail return rate in 2010",
        ("mail_return_2010_share",),
        form="value",
        around=True,
    ),
    Predictor(
        "final_2010_share",
        "past response",
        "self-response rate in 2010",
        ("final_2010_share",),
        form="value",
        around=True,
    ),
    Predictor(
        "renter_share", "tenure", "renters", ("renter_households_count",), _HOUSEHOLDS, around=True
    ),
    Predictor(
        "vacant_share", "tenure", "vacant homes", (_HOUSEHOLDS,), _HOMES, "rest", around=True
    ),
    Predictor(
        "multi_unit_share",
        "buildings",
        "homes in buildings of 2 or more",
        ("small_multi_units_count", "large_multi_units_count"),
        _HOMES,
    ),
    Predictor(
        "large_multi_unit_share",
        "buildings",
        "homes in buildings of 10 or more",
        ("large_multi_units_count",),
        _HOMES,
        around=True,
    ),
    Predictor(
        "housing_density_log",
        "density",
        "homes per square kilometer",
        (_HOMES,),
        "land_km2",
        "log",
        around=True,
    ),
    Predictor("housing_units_log", "size", "homes in the tract", (_HOMES,), form="log"),
    Predictor(
        "poverty_share", "income", "people in poverty", ("poverty_count",), _PEOPLE, around=True
    ),
    Predictor(
        "near_poverty_share",
        "income",
        "people under twice the poverty level",
        ("twice_poverty_or_more_count",),
        _PEOPLE,
        "rest",
    ),
    Predictor(
        "household_income_log",
        "income",
        "median household income",
        ("household_income_usd",),
        form="log",
        around=True,
    ),
    Predictor(
        "under5_share", "household", "children under 5", ("under5_count",), "population_count"
    ),
    Predictor(
        "household_size_ratio",
        "household",
        "people per household",
        ("household_population_count",),
        _HOUSEHOLDS,
        "ratio",
    ),
    Predictor(
        "single_parent_share",
        "household",
        "single parents",
        ("single_parent_households_count",),
        _HOUSEHOLDS,
    ),
    Predictor(
        "crowded_share", "household", "crowded homes", ("crowded_households_count",), _HOUSEHOLDS
    ),
    Predictor(
        "group_quarters_share",
        "group quarters",
        "people in group quarters",
        ("group_quarters_count",),
        "population_count",
    ),
    Predictor(
        "limited_english_share",
        "language",
        "limited-English households",
        tuple(_LIMITED.values()),
        _HOUSEHOLDS,
    ),
    *(
        Predictor(
            f"limited_english_{name}_share",
            "language",
            f"limited-English households speaking {words}",
            (_LIMITED[name],),
            _HOUSEHOLDS,
        )
        for name, words in _LANGUAGES.items()
    ),
    Predictor(
        "offline_share",
        "internet",
        "households without internet",
        ("offline_households_count",),
        _HOUSEHOLDS,
    ),
    Predictor(
        "unsubscribed_share",
        "internet",
        "households online without a subscription",
        ("unsubscribed_internet_households_count",),
        _HOUSEHOLDS,
    ),
    Predictor(
        "cellular_only_share",
        "internet",
        "households online by cellular plan only",
        ("cellular_only_households_count",),
        _HOUSEHOLDS,
    ),
    Predictor(
        "fixed_broadband_share",
        "internet",
        "households with cable, fiber, or DSL",
        ("fixed_broadband_households_count",),
        _HOUSEHOLDS,
    ),
    Predictor(
        "smartphone_only_share",
        "internet",
        "households with a smartphone only",
        ("smartphone_only_households_count",),
        _HOUSEHOLDS,
    ),
    Predictor(
        "householder_under35_share",
        "age",
        "householders under 35",
        ("householder_under35_count",),
        _HOUSEHOLDS,
    ),
    Predictor(
        "householder_65plus_share",
        "age",
        "householders 65 and over",
        ("householder_65plus_count",),
        _HOUSEHOLDS,
        around=True,
    ),
    *(
        Predictor(
            f"moved_since_{year}_share",
            "mobility",
            f"households that moved in since {year}",
            (f"moved_since_{year}_households_count",),
            _HOUSEHOLDS,
            question="newest movers",
        )
        for year in (2010, 2015, 2018, 2020)
    ),
    *(
        Predictor(
            f"moved_before_{year}_share",
            "mobility",
            f"households that moved in before {year}",
            (f"moved_before_{year}_households_count",),
            _HOUSEHOLDS,
            question="oldest movers",
        )
        for year in (1980, 1990)
    ),
)


#: What a tract itself did in the previous census. A gap to an expectation that reads it hides the
#: tracts that were behind then for the same reason: in Cook County the gap of May 4, 2020 and that
#: of 2010 share 11% of their worst tenths (10% by chance), without it 27%.
OWN_PAST = ("mail_return_2010_share", "final_2010_share")


def leave_own_past_out(predictors: Iterable[Predictor] = PREDICTORS) -> tuple[Predictor, ...]:
    """Return the predictors that a response gap is measured from."""
    return tuple(predictor for predictor in predictors if predictor.name not in OWN_PAST)


def find_protected(text: str) -> str | None:
    """Return the first word in a name or a title that stands for a protected trait, if any does."""
    folded = text.lower().replace(" ", "_").replace("-", "_")
    return next((word for word in PROTECTED if word in folded), None)


def refuse_protected(predictors: Iterable[Predictor]) -> None:
    """Refuse predictors that read race, ethnicity, ancestry, or nativity.

    These are for the equity sheet and never direct any outreach.

    Raises
    ------
    DataError
        A predictor reads one of them.
    """
    for predictor in predictors:
        for name in (predictor.name, *predictor.parts, predictor.whole):
            word = find_protected(name)
            if word:
                raise DataError(
                    f"The predictor '{predictor.name}' reads '{name}' ({word}), a protected trait.",
                    "Leave it out; outreach must not be directed by it.",
                )
