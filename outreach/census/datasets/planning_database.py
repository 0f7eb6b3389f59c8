"""Declare the planning database: Low Response Score, mail return rate, ACS counts.

Source: the Bureau's ``{year}/pdb/tract``. The names of ACS figures contain their period
(``_ACS_14_18`` in 2020); ``{acs}`` stands for it. ``Low_Response_Score`` and ``GIDTR`` are from
public code for 2015-2024, the other names from public code for the 2020 edition and, with its
period, the editions of 2010 to 2024. The editions of 2022 and later are on 2020 tracts; that of
2023 was the first with results of the 2020 Census (npr99/intersect-community-data issue 128;
census.gov, July 2024). The names of 2026 are not published; a variable that it lacks is left out
with a note.
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
_FIRST_ON_2020_TRACTS = 2022
_FIRST_WITH_2020_RESULTS = 2023

DATASET = Dataset(
    name="planning_database",
    path="pdb/tract",
    vintages=(2020, 2022, 2023, 2024),
    id_code="GIDTR",
    tract_year={
        **dict.fromkeys(range(2015, _FIRST_ON_2020_TRACTS), 2010),
        **dict.fromkeys(range(_FIRST_ON_2020_TRACTS, 2032), 2020),
    },
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
            last_vintage=_FIRST_WITH_2020_RESULTS - 1,
        ),
        Variable(
            "mail_return_2020_share",
            ("Mail_Return_Rate_CEN_2020",),
            Unit.SHARE,
            high=100,
            label="Mail return rate in 2020",
            first_vintage=_FIRST_WITH_2020_RESULTS,
        ),
        Variable(
            "acs_self_response_share",
            ("Self_Response_Rate_ACS_{acs}",),
            Unit.SHARE,
            high=100,
            label="Self-response rate of the American Community Survey",
            first_vintage=_FIRST_ON_2020_TRACTS,
        ),
        Variable(
            "group_quarters_2020_count",
            ("Tot_GQ_CEN_2020",),
            Unit.COUNT,
            high=100_000,
            label="People in group quarters in 2020",
            first_vintage=_FIRST_WITH_2020_RESULTS,
        ),
        *(
            Variable(name, (code,), Unit.COUNT, high=100_000, label=label)
            for name, (code, label) in _COUNTS.items()
        ),
    ),
)
