"""Declare race and origin, for the equity sheet alone.

Source: ``{year}/acs/acs5``, tables B02009 to B02012 and B03002.

Race is never an input to targeting. It is a dataset of its own so that its columns never travel
with the profiles. People of several races count in each (the tables are "alone or in combination"),
and people of Hispanic origin are of any race: the groups overlap and do not add up.
"""

from outreach.acs_labels import label_estimate
from outreach.dataset import Dataset, Unit, Variable

_FIRST_VINTAGE = 2017


def _count(name: str, code: str, label: str) -> Variable:
    """Declare a count of people with its margin; no tract holds more than 200,000."""
    labels = (label_estimate(code, _FIRST_VINTAGE),)
    return Variable(
        name, (code,), Unit.COUNT, high=200_000, label=label, margin=True, bureau_labels=labels
    )


DATASET = Dataset(
    name="race",
    path="acs/acs5",
    vintages=tuple(range(_FIRST_VINTAGE, 2025)),
    tract_year={**dict.fromkeys(range(2010, 2020), 2010), **dict.fromkeys(range(2020, 2030), 2020)},
    variables=(
        _count("hispanic_count", "B03002_012E", "Hispanic or Latino, of any race"),
        _count("black_count", "B02009_001E", "Black or African American, alone or in combination"),
        _count(
            "american_indian_count",
            "B02010_001E",
            "American Indian or Alaska Native, alone or in combination",
        ),
        _count("asian_count", "B02011_001E", "Asian, alone or in combination"),
        _count(
            "pacific_islander_count",
            "B02012_001E",
            "Native Hawaiian or Pacific Islander, alone or in combination",
        ),
    ),
)
