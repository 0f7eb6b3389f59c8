"""Build areas with ACS counts for the tests of audiences."""

from collections.abc import Mapping

import pandas as pd

GROUPS = ("spanish", "indo_european", "asian_pacific", "other")
PEOPLE = (
    "spanish", "french_haitian", "slavic", "korean", "chinese", "vietnamese", "tagalog", "arabic",
    "other_indo_european", "other_asian",
)  # fmt: skip


def count(
    households: Mapping[str, float], people: Mapping[str, float] | None = None, **more: float
) -> dict[str, float]:
    """Return 1,000 households, those of each group with little English, and its people."""
    row = {"households_count": 1000.0, "households_count_moe": 50.0}
    row |= {
        f"limited_english_households_{group}_count": households.get(group, 0.0) for group in GROUPS
    }
    row |= {f"limited_english_households_{group}_count_moe": 10.0 for group in GROUPS}
    if people is not None:
        row |= {f"limited_english_{part}_count": people.get(part, 0.0) for part in PEOPLE}
        row |= {f"limited_english_{part}_count_moe": 12.0 for part in PEOPLE}
    return row | more


def areas(*rows: dict[str, float]) -> pd.DataFrame:
    return pd.DataFrame(
        rows, index=pd.Index([f"1703101{n:04d}" for n in range(1, len(rows) + 1)], name="geoid")
    )
