"""Classes of hard-to-count tracts are fifths of the nation's tracts in 2020."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from models.planning.hard_to_count import HARDEST, class_tracts
from outreach.palette import NATION_EDGES


def test_the_lowest_fifth_is_class_1_and_a_tract_without_rate_has_none() -> None:
    rates = pd.Series({"a": 0.2, "b": 0.557, "c": 0.5571, "d": 0.7, "e": 0.9, "f": np.nan})
    classes = class_tracts(rates)
    assert classes.dropna().to_dict() == {"a": HARDEST, "b": HARDEST, "c": 2, "d": 3, "e": 5}
    assert np.isnan(classes["f"])


@pytest.mark.bench
def test_the_cuts_divide_the_final_rates_of_2020_into_fifths(real_data: Path) -> None:
    finals = []
    for path in sorted((real_data / "responserate").glob("state_*.parquet")):
        rates = pd.read_parquet(path, columns=["GEO_ID", "RESP_DATE", "CRRALL"])
        finals.append(rates[rates["RESP_DATE"] == rates["RESP_DATE"].max()])
    final = pd.concat(finals)["CRRALL"].astype(float) / 100
    assert len(final) == 77_663
    assert final.quantile([0.2, 0.4, 0.6, 0.8]).round(3).tolist() == list(NATION_EDGES[:-1])
