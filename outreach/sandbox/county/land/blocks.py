"""Serve the invented county's counts by block, as the redistricting data have them."""

import pandas as pd

from outreach.sandbox.county.land.ground import CountyGround
from outreach.sandbox.world import ServedDataset

#: People in a home, as in the county's block file.
PEOPLE_PER_HOME = 2.3


def serve_blocks(ground: CountyGround) -> ServedDataset:
    """Serve ``2020/dec/pl`` by block: housing units and people, the same as in the block file."""
    homes = ground.blocks["housing"]
    code = homes.index.to_series()
    rows = pd.DataFrame(
        {
            "GEO_ID": "1000000US" + code,
            "H1_001N": homes.astype(str),
            "P1_001N": (homes * PEOPLE_PER_HOME).round().astype(int).astype(str),
            "state": code.str[:2],
            "county": code.str[2:5],
            "tract": code.str[5:11],
            "block": code.str[11:],
        }
    )
    labels = {
        "GEO_ID": "Geography",
        "H1_001N": " !!Total:",
        "P1_001N": " !!Total:",
    }
    concepts = {"H1_001N": "OCCUPANCY STATUS", "P1_001N": "RACE"}
    return ServedDataset({"block": rows}, labels, concepts)
