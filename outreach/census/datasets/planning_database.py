"""Declare the planning database: Low Response Score, mail return rate, ACS counts.

Source: the Bureau's ``{year}/pdb/tract``. The names of ACS figures contain their period
(``_ACS_14_18`` in 2020); ``{acs}`` stands for it. ``Low_Response_Score`` and ``GIDTR`` are from
public code for 2015-2024, the other names from public code for the 2020 edition and, with its
period, the editions of 2010 to 2024.
"""

from outreach.dataset import Dataset, Unit, Variable

_COUNTS = {
    "crowded_households_count": (
        "Crowd_Occp_U_ACS_{acs}",
        "Households with more than one person per room",
    ),
    "small_multi_units_count": ("MLT_U2_9_STRC_ACS_{acs}", "Housing units in buildings of 2 to 9"),
    "large_multi_units_count": ("MLT_U10p_ACS_{acs}", "Housing units in buildings of 10 or more"),
}

DATASET = Dataset(
    name="planning_database",
    path="pdb/tract",
    vintages=(2020,),
    id_code="GIDTR",
    tract_year=dict.fromkeys(range(2015, 2022), 2010),
    variables=(
        Variable(
            "low_response_score",
            ("Low_Response_Score",),
            Unit.SCORE,
            high=100,
            label="Low Response Score",
        ),
        Variable(
            "mail_return_2010_share",
            ("Mail_Return_Rate_CEN_2010",),
            Unit.SHARE,
            high=100,
            label="Mail return rate in 2010",
        ),
        *(
            Variable(name, (code,), Unit.COUNT, high=100_000, label=label)
            for name, (code, label) in _COUNTS.items()
        ),
    ),
)
