"""Pack tables, files, and a record into one that reads back the same or not at all."""

import hashlib
import io
import json
import zipfile
import zlib
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, NamedTuple

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

_RECORD, _HASHES = "record.json", "hashes.json"
#: The same content makes the same bytes, whenever it is packed.
_NO_MOMENT = (1980, 1, 1, 0, 0, 0)
#: Least work for most of what compression saves.
_FAST = 1


class Unpacked(NamedTuple):
    """What one file held: tables and files by name, and the record."""

    tables: dict[str, pd.DataFrame]
    record: dict[str, Any]
    files: dict[str, bytes]


def pack_tables(
    tables: Mapping[str, pd.DataFrame],
    record: Mapping[str, Any],
    files: Mapping[str, bytes] = MappingProxyType({}),
) -> bytes:
    """Write tables, a record, and finished files as a zip with their hashes.

    Parameters
    ----------
    tables
        By name; stored as Parquet.
    record
        What JSON holds.
    files
        By names that no table has; stored compressed.

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
    parts = {_RECORD: json.dumps({"record": record, "dtypes": dtypes}).encode(), **parts, **files}
    hashes = {name: hashlib.sha256(part).hexdigest() for name, part in parts.items()}

    pack = io.BytesIO()
    with zipfile.ZipFile(pack, "w", compresslevel=_FAST) as file:
        for name, part in {**parts, _HASHES: json.dumps(hashes).encode()}.items():
            kind = zipfile.ZIP_DEFLATED if name in files else zipfile.ZIP_STORED
            file.writestr(zipfile.ZipInfo(name, _NO_MOMENT), part, kind)
    return pack.getvalue()


def unpack_tables(content: bytes) -> Unpacked | None:
    """Read what :func:`pack_tables` wrote; ``None`` if it is damaged in any way."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as file:
            hashes: dict[str, str] = json.loads(file.read(_HASHES))
            parts = {name: file.read(name) for name in hashes}
        if {name: hashlib.sha256(part).hexdigest() for name, part in parts.items()} != hashes:
            return None
        own = json.loads(parts.pop(_RECORD))
        tables = {
            name: _restore_types(_read_parquet(parts.pop(name)), dtypes)
            for name, dtypes in own["dtypes"].items()
        }
        return Unpacked(tables, own["record"], parts)
    except (OSError, ValueError, KeyError, TypeError, EOFError, zlib.error, zipfile.BadZipFile):
        return None


def _read_parquet(content: bytes) -> pd.DataFrame:
    """Read a small table in this thread: a pool of threads waits longer than it reads."""
    table = pq.read_table(pa.BufferReader(content), use_threads=False)
    return pd.DataFrame(table.to_pandas(use_threads=False))


def _restore_types(table: pd.DataFrame, dtypes: dict[str, str]) -> pd.DataFrame:
    """Give the columns that Parquet read as another type the one they had."""
    changed = {name: dtype for name, dtype in dtypes.items() if str(table[name].dtype) != dtype}
    return table.astype(changed)
