"""Label ACS variables as the Bureau does; cells that nobody reads get a short label."""

from outreach.acs_labels import label_estimate

_MEDIAN_INCOME = "B19013"

_TITLES = {
    "B01001": "Sex by age",
    "B02009": "Black or African American alone or in combination with one or more other races",
    "B02010": (
        "American Indian and Alaska Native alone or in combination with one or more other races"
    ),
    "B02011": "Asian alone or in combination with one or more other races",
    "B02012": (
        "Native Hawaiian and Other Pacific Islander alone or in combination with one or more other"
        " races"
    ),
    "B03002": "Hispanic or Latino origin by race",
    "B11005": "Households by presence of people under 18 years",
    "B17001": "Poverty status in the past 12 months by sex by age",
    "B19013": "Median household income in the past 12 months",
    "B25001": "Housing units",
    "B25002": "Occupancy status",
    "B25003": "Tenure",
    "B25007": "Tenure by age of householder",
    "B25008": "Total population in occupied housing units by tenure",
    "B25014": "Tenure by occupants per room",
    "B25024": "Units in structure",
    "B25038": "Tenure by year householder moved into unit",
    "B26001": "Group quarters population",
    "B28001": "Types of computers in household",
    "B28002": "Presence and types of internet subscriptions in household",
    "C16001": "Language spoken at home for the population 5 years and over",
    "C16002": "Household language by household limited English speaking status",
    "C17002": "Ratio of income in the past 12 months to poverty level",
}


def label_variable(code: str, vintage: int) -> str:
    """Return the label of an ACS code such as ``B25003_001E``, in the style of variables.json."""
    cell = code.split("_")[1]
    kind = "Estimate" if code.endswith("E") else "Margin of Error"
    label = label_estimate(f"{code[:-1]}E", vintage)
    if not label:
        label = "Total" if cell[:3] == "001" else f"Total!!cell {cell[:3]}"
    if code.startswith(_MEDIAN_INCOME):
        label += f" (in {vintage} inflation-adjusted dollars)"
    return f"{kind}!!{label}"


def title_variable(code: str) -> str:
    """Return the concept of an ACS code: the title of its table."""
    return _TITLES[code.split("_", maxsplit=1)[0]]
