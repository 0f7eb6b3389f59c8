"""Fetch the housing units of each census block from the Census Data API.

Source: ``2020/dec/pl`` (redistricting data, P.L. 94-171), table H1, block by block. The Bureau adds
no noise to the housing units of a block, as it does to its people (Bureau, "Disclosure Avoidance
for the 2020 Census", 2021).
"""

import pandas as pd

from outreach.census.client import DatasetClient
from outreach.census.decode import read_figures
from outreach.dataset import Dataset, Unit, Variable
from outreach.errors import AnswerMalformed, NothingThere
from outreach.transport import Transport

#: The census whose blocks these are.
BLOCKS_YEAR = 2020
_LEVELS = ("state", "county", "tract", "block")
_DATASET = Dataset(
    name="redistricting data",
    path="dec/pl",
    vintages=(BLOCKS_YEAR,),
    variables=(
        Variable(
            "housing_units_count",
            ("H1_001N",),
            Unit.COUNT,
            high=50_000,
            label="Housing units in the 2020 Census",
            required=True,
        ),
    ),
)


def fetch_block_homes(county: str, transport: Transport) -> "pd.Series[float]":
    """Fetch the housing units of every block of a county in the 2020 Census.

    Parameters
    ----------
    county
        State and county FIPS code, five digits.
    transport
        The HTTP session with the key.

    Returns
    -------
    Series
        ``housing_units_count`` by block code, 15 digits.

    Raises
    ------
    NothingThere
        The service has no block of the county.
    ServiceError
        The service gave no usable answer.
    """
    origin = f"{_DATASET.name} {BLOCKS_YEAR}, blocks of county {county}"
    client = DatasetClient(_DATASET, BLOCKS_YEAR, transport, origin)
    within = f"state:{county[:2]} county:{county[2:]} tract:*"
    rows = client.fetch_texts(
        (_DATASET.id_code, *_DATASET.codes(BLOCKS_YEAR)), {"for": "block:*", "in": within}, _LEVELS
    )
    if rows.empty:
        raise NothingThere(
            f"{origin}: the service has no block there.", "Check the FIPS code of the county."
        )

    # Each row is a block of the county, and there once.
    code = rows["state"] + rows["county"] + rows["tract"] + rows["block"]
    is_right = code.str.fullmatch(r"[0-9]{15}") & code.str.startswith(county)
    is_right &= (rows[_DATASET.id_code] == "1000000US" + code) & ~code.duplicated()
    if not is_right.fillna(value=False).all():
        wrong = rows[~is_right.fillna(value=False).astype("bool")].iloc[0].to_dict()
        raise AnswerMalformed(
            f"{origin}: the row {wrong} is no block of the county, or is there twice.",
            "Run again later. If this happens again, the service has changed.",
        )
    texts = rows.set_index(pd.Index(code.to_list(), name="geoid", dtype="str"))
    figures = read_figures(texts, _DATASET, BLOCKS_YEAR, origin)
    return figures["housing_units_count"].sort_index()
