"""Declare the daily self-response rates of the current census.

Source: ``{year}/dec/responserate``, on the tracts of that census.
"""

from outreach.dataset import Dataset, Unit, Variable

DATASET = Dataset(
    name="responserate",
    path="dec/responserate",
    vintages=(2020,),
    tract_year={2020: 2020},
    variables=(
        Variable(
            "data_date",
            ("RESP_DATE",),
            Unit.DATE,
            label="Cutoff date of the figures",
            required=True,
        ),
        Variable(
            "cumulative_share",
            ("CRRALL",),
            Unit.SHARE,
            high=100,
            label="Self-response rate to date, all modes",
            required=True,
        ),
        Variable(
            "internet_share",
            ("CRRINT",),
            Unit.SHARE,
            high=100,
            label="Self-response rate to date, internet",
        ),
        Variable(
            "daily_share",
            ("DRRALL",),
            Unit.SHARE,
            high=100,
            label="Self-response rate of the last day, all modes",
        ),
        Variable(
            "daily_internet_share",
            ("DRRINT",),
            Unit.SHARE,
            high=100,
            label="Self-response rate of the last day, internet",
        ),
    ),
)
