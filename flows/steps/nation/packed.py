"""Pack tables with a record into one file that reads back the same or not at all."""

import hashlib
import io
import json
import zipfile
from collections.abc import Mapping
from typing import Any

import pandas as pd

_RECORD, _HASHES = "record.json", "hashes.json"
#: The same content makes the same bytes, whenever it is packed.
_NO_MOMENT = (1980, 1, 1, 0, 0, 0)


def pack_tables(tables: Mapping[str, pd.DataFrame], record: Mapping[str, Any]) -> bytes:
    """Write tables and a record as a zip of Parquet files with their hashes.

    Parameters
    ----------
    tables
        By name.
    record
        What JSON holds.

    Returns
    -------
    bytes
        The same for the same content.

    Raises
    ------
    TypeError, ValueError
        Something in them has no form on disk.
    """
    parts, dtypes = {}, {}
    for name, table in tables.items():
        content = io.BytesIO()
        table.to_parquet(content, compression="zstd")
        parts[name] = content.getvalue()
        dtypes[name] = table.dtypes.astype(str).to_dict()
    parts = {_RECORD: json.dumps({"record": record, "dtypes": dtypes}).encode(), **parts}
    hashes = {name: hashlib.sha256(part).hexdigest() for name, part in parts.items()}

    pack = io.BytesIO()
    with zipfile.ZipFile(pack, "w") as file:
        for name, part in {**parts, _HASHES: json.dumps(hashes).encode()}.items():
            file.writestr(zipfile.ZipInfo(name, _NO_MOMENT), part)
    return pack.getvalue()


def unpack_tables(content: bytes) -> tuple[dict[str, pd.DataFrame], dict[str, Any]] | None:
    """Read what :func:`pack_tables` wrote; ``None`` if it is damaged in any way."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as file:
            hashes: dict[str, str] = json.loads(file.read(_HASHES))
            parts = {name: file.read(name) for name in hashes}
        if {name: hashlib.sha256(part).hexdigest() for name, part in parts.items()} != hashes:
            return None
        own = json.loads(parts.pop(_RECORD))
        tables = {
            name: _restore_types(pd.read_parquet(io.BytesIO(part)), own["dtypes"][name])
            for name, part in parts.items()
        }
        return tables, own["record"]
    except (OSError, ValueError, KeyError, TypeError, EOFError, zipfile.BadZipFile):
        return None


def _restore_types(table: pd.DataFrame, dtypes: dict[str, str]) -> pd.DataFrame:
    """Give the columns that Parquet read as another type the one they had."""
    changed = {name: dtype for name, dtype in dtypes.items() if str(table[name].dtype) != dtype}
    return table.astype(changed)
