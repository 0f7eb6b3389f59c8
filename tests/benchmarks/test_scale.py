"""Measure how time and memory of a nation's lists grow from one county to all of them.

Each size runs in a process of its own on one core. Times are of the processor, so other work on the
machine changes them little.
"""

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

pytestmark = [pytest.mark.bench, pytest.mark.real]

#: Files of states and, of the first, how many of its counties (0 is all).
SIZES = (
    (("17",), 1),
    (("17",), 10),
    (("17",), 16),  # with Cook County
    (("17",), 0),
    (("17", "18", "19", "26", "27", "29", "39", "55", "20", "31"), 0),
    ((), 0),
)
#: Reads, lists, and packs states one after another, as a worker does.
SCRIPT = """
import json, resource, sys, time
from pathlib import Path
import numpy as np, pandas as pd
from flows.steps.nation.lists import list_state
from flows.steps.nation.parts import pack_listed
from flows.steps.nation.tables import finish_state
from models.curves.season_file import load_season_model

folder, states, most = Path(sys.argv[1]), sys.argv[2].split(","), int(sys.argv[3])
model = load_season_model()
start = time.process_time()
counties = tracts = size = 0
for state in states:
    frame = pd.read_parquet(
        folder / f"state_{state}.parquet", columns=["GEO_ID", "RESP_DATE", "CRRALL", "CRRINT"]
    )
    geoid = pd.Index(frame["GEO_ID"].str[-11:], name="geoid")
    rates = pd.DataFrame({
        "data_date": pd.to_datetime(frame["RESP_DATE"]).to_numpy(),
        "cumulative_share": (frame["CRRALL"].astype(float) / 100).to_numpy(),
        "internet_share": (frame["CRRINT"].astype(float) / 100).to_numpy(),
        "daily_share": np.nan,
        "daily_internet_share": np.nan,
    }, index=geoid)
    rates = rates[rates["data_date"] <= "2020-05-01"]
    if most:
        chosen = sorted(set(rates.index.str[:5]))[:most]
        rates = rates[rates.index.str[:5].isin(chosen)]
    lists = list_state(rates, model, list_share=0.2)
    counties += len(lists.counties)
    tracts += len(lists.tracts)
    size += len(pack_listed(finish_state(lists)))
print(json.dumps({
    "counties": counties, "tracts": tracts, "bytes": size,
    "seconds": time.process_time() - start,
    "mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
}))
"""


def test_time_grows_no_faster_than_tracts_and_memory_hardly(real_data: Path) -> None:
    folder = real_data / "responserate"
    every = tuple(
        sorted(path.stem.removeprefix("state_") for path in folder.glob("state_*.parquet"))
    )
    rows = []
    for states, most in SIZES:
        command = [sys.executable, "-c", SCRIPT, str(folder), ",".join(states or every), str(most)]
        done = subprocess.run(command, capture_output=True, text=True, check=True)
        rows.append(json.loads(done.stdout))
        print(
            "\n{counties:,} counties, {tracts:,} tracts: {seconds:.1f} s of one core,"
            " {mb:.0f} MB, {bytes:,} bytes of lists".format(**rows[-1]),
            end="",
        )
    whole = [row for row in rows if row["counties"] >= 100]
    logs = np.log([[row["tracts"], row["seconds"]] for row in whole])
    exponent = float(np.polyfit(logs[:, 0], logs[:, 1], 1)[0])
    print(f"\ntime grows with the tracts to the power {exponent:.2f} from a state to the nation")
    assert exponent < 1.1
    assert rows[-1]["mb"] < 3000
