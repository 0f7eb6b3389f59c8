"""Time the decoding of a large state's profiles."""

import json
import time
from typing import Any

import pytest

from outreach.campaign import Area
from outreach.census import discover_datasets, fetch_profiles


@pytest.mark.bench
def test_a_large_state_is_decoded_in_seconds(api: Any, transport: Any) -> None:
    acs = discover_datasets()["acs5"]
    codes = acs.codes(2018)
    table = api.table({f"06{number:09d}": dict.fromkeys(codes, "17") for number in range(9_000)})
    parts = [
        json.dumps(json.loads(table.body({"get": ",".join(("GEO_ID", *codes[at : at + 49]))})))
        for at in range(0, len(codes), 49)
    ]
    api.serve(*(api.reply(part) for part in parts))
    start = time.process_time()
    found = fetch_profiles(acs, 2018, Area(state="06"), transport)
    seconds = time.process_time() - start
    print(f"\n{len(found):,} tracts x {len(codes)} codes: {seconds:.2f} s (at most 6 s)")
    assert seconds < 6
