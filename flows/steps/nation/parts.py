"""Pack the rates and lists of a state for the way to a worker and back."""

import datetime as dt

import pandas as pd

from flows.steps.nation.lists import StateLists
from flows.steps.nation.packed import pack_tables, unpack_tables


def pack_lists(lists: StateLists) -> bytes:
    """Write the lists of a state as one file, the same for the same lists."""
    record = {
        "state": lists.state,
        "data_date": lists.data_date.isoformat(),
        "area": dict(lists.area),
        "notes": list(lists.notes),
    }
    return pack_tables({"tracts": lists.tracts, "counties": lists.counties}, record)


def unpack_lists(content: bytes) -> StateLists | None:
    """Read what :func:`pack_lists` wrote; ``None`` if it is damaged in any way."""
    unpacked = unpack_tables(content)
    if unpacked is None:
        return None
    tables, record = unpacked
    try:
        return StateLists(
            state=record["state"],
            data_date=dt.date.fromisoformat(record["data_date"]),
            tracts=tables["tracts"],
            counties=tables["counties"],
            area=record["area"],
            notes=tuple(record["notes"]),
        )
    except (KeyError, TypeError, ValueError):
        return None


def pack_rates(rates: pd.DataFrame) -> bytes:
    """Write rates as one file, the same for the same rates."""
    return pack_tables({"rates": rates}, {})


def unpack_rates(content: bytes) -> pd.DataFrame:
    """Read what :func:`pack_rates` wrote."""
    unpacked = unpack_tables(content)
    if unpacked is None:
        raise ValueError("the rates are damaged")
    return unpacked[0]["rates"]
