"""Declare the final self-response rates of 2010.

Source: ``2010/dec/responserate``, published on 2020 tracts (census reference 2).
"""

from outreach.dataset import Dataset, Unit, Variable

DATASET = Dataset(
    name="responserate2010",
    path="dec/responserate",
    vintages=(2010,),
    tract_year={2010: 2020},
    variables=(
        Variable(
            "final_2010_share",
            ("FSRR2010",),
            Unit.SHARE,
            high=100,
            label="Final self-response rate in 2010",
        ),
    ),
)
