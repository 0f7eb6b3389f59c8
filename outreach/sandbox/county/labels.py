"""Label ACS variables as the Bureau does, but shorter."""

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


def label_variable(code: str) -> str:
    """Return a label for an ACS code such as ``B25003_001E``, in the style of variables.json."""
    table, cell = code.split("_")
    kind = "Estimate" if code.endswith("E") else "Margin of Error"
    return f"{kind}!!{_TITLES[table]}!!" + ("Total" if cell[:3] == "001" else f"cell {cell[:3]}")
