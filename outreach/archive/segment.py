"""Read and write segments: immutable Parquet files of one state's rows.

A segment is named by its dates and the hash of its bytes:
``rates/{census_year}/state={SS}/{first_date}_{last_date}_{hash}.parquet``. Its metadata (key
``census_outreach``) hold source, download times, tool version, and for each data date the number
of rows and the SHA-256 of their canonical content.
"""

import datetime as dt
import hashlib
import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from outreach import __version__
from outreach.archive.versions import COLUMNS, FIGURES, format_geoids, to_date, to_moment
from outreach.errors import ArchiveError

_METADATA_KEY = b"census_outreach"
_ROW_GROUP_SIZE = 131_072
_NAME = re.compile(r"(\d{4}-\d\d-\d\d)_(\d{4}-\d\d-\d\d)_([0-9a-f]{12})\.parquet")
_SCHEMA = pa.schema(
    [
        ("geoid", pa.dictionary(pa.int32(), pa.string())),
        ("data_date", pa.date32()),
        ("downloaded_at", pa.timestamp("us", tz="UTC")),
        *((name, pa.float64()) for name in FIGURES),
    ]
)


@dataclass(frozen=True, slots=True)
class Segment:
    """A segment on disk, as its name describes it.

    Parameters
    ----------
    path
        The file.
    state
        FIPS code of the state whose rows it holds.
    first, last
        First and last data date in it.
    digest
        The first 12 hexadecimal digits of the SHA-256 of its bytes.
    """

    path: Path
    state: str
    first: dt.date
    last: dt.date
    digest: str

    def read(self, condition: pc.Expression | None = None) -> pd.DataFrame:
        """Check the bytes against the name and return the rows that meet the condition.

        Returns
        -------
        pandas.DataFrame
            Versions; see :mod:`outreach.archive.versions`.

        Raises
        ------
        ArchiveError
            The file cannot be read, or was changed after it was written.
        """
        return read_content(self.load(), condition)

    def read_metadata(self) -> dict[str, Any]:
        """Return source, download times, tool version, and rows and hash by data date."""
        metadata = pq.read_metadata(pa.BufferReader(self.load())).metadata
        return dict(json.loads(metadata[_METADATA_KEY]))

    def load(self) -> bytes:
        """Return the bytes of the file, once they match the hash in its name.

        Raises
        ------
        ArchiveError
            The file cannot be read, or was changed after it was written.
        """
        try:
            content = self.path.read_bytes()
        except OSError as error:
            raise ArchiveError(
                f"Cannot read {self.path}: {error.strerror or 'the disk refused it'}.",
                "Check the folder and its permissions.",
            ) from error
        if hashlib.sha256(content).hexdigest()[:12] != self.digest:
            raise ArchiveError(
                f"{self.path} is damaged or was changed: its content does not match the hash in"
                " its name.",
                "Restore it from a backup, or delete it and import its dates again.",
            )
        return content


def read_content(content: bytes, condition: pc.Expression | None = None) -> pd.DataFrame:
    """Return the rows of a segment's bytes that meet a condition, as versions."""
    buffer = pa.BufferReader(content)
    return _from_arrow(pq.read_table(buffer, columns=list(COLUMNS), filters=condition))


def find_segments(folder: Path, state: str = "*") -> list[Segment]:
    """Return the segments in a folder, by state and date.

    Hidden files are skipped: an interrupted writer left them.

    Raises
    ------
    ArchiveError
        A Parquet file in the folder is not a segment.
    """
    segments = []
    for path in sorted(folder.glob(f"state={state}/*.parquet")):
        if path.name.startswith("."):
            continue
        parts = _NAME.fullmatch(path.name)
        if parts is None:
            raise ArchiveError(
                f"{path} is not a segment of the archive.",
                "Move it elsewhere. Import its rows if they belong here.",
            )
        first, last = (dt.date.fromisoformat(text) for text in parts.group(1, 2))
        own_state = path.parent.name.removeprefix("state=")
        segments.append(Segment(path, own_state, first, last, parts.group(3)))
    return segments


def pack_segment(versions: pd.DataFrame, source: str) -> tuple[str, bytes]:
    """Return the path under the archive's folder, and the bytes, of one state's rows."""
    versions = versions.sort_values(["geoid", "data_date", "downloaded_at"], ignore_index=True)
    metadata = {
        "source": source,
        "downloaded_first": to_moment(int(versions["downloaded_at"].min())).isoformat(),
        "downloaded_last": to_moment(int(versions["downloaded_at"].max())).isoformat(),
        "tool": f"census-outreach {__version__}",
        "dates": digest_dates(versions),
    }
    table = _to_arrow(versions).replace_schema_metadata(
        {_METADATA_KEY: json.dumps(metadata).encode()}
    )
    sink = pa.BufferOutputStream()
    pq.write_table(
        table, sink, compression="zstd", row_group_size=_ROW_GROUP_SIZE, write_statistics=True
    )
    content = sink.getvalue().to_pybytes()

    days = versions["data_date"]
    first, last = to_date(int(days.min())), to_date(int(days.max()))
    name = f"{first}_{last}_{hashlib.sha256(content).hexdigest()[:12]}.parquet"
    return f"state={int(versions['geoid'].iloc[0]) // 10**9:02d}/{name}", content


def digest_dates(versions: pd.DataFrame) -> dict[str, dict[str, Any]]:
    """Return by data date the number of rows and the SHA-256 of their canonical content.

    The canonical content of a row, in order of GEOID and download, is the GEOID as a little-endian
    64-bit integer, then the four shares in millionths as little-endian 32-bit integers, -1 for a
    missing one. Download times are not part of it, so that equal snapshots have equal hashes.
    """
    canonical = np.empty(
        len(versions), dtype=[("geoid", "<i8"), *((name, "<i4") for name in FIGURES)]
    )
    canonical["geoid"] = versions["geoid"]
    for name in FIGURES:
        canonical[name] = np.nan_to_num(versions[name].to_numpy() * 1e6, nan=-1).round()

    days = versions["data_date"].to_numpy()
    order = np.argsort(days, kind="stable")
    starts = np.flatnonzero(np.diff(days[order], prepend=-1))
    return {
        str(to_date(int(days[rows[0]]))): {
            "rows": len(rows),
            "sha256": hashlib.sha256(canonical[rows].tobytes()).hexdigest(),
        }
        for rows in np.split(order, starts[1:])
    }


def _to_arrow(versions: pd.DataFrame) -> pa.Table:
    """Return versions with their types on disk."""
    codes, geoids = pd.factorize(versions["geoid"].to_numpy())
    moments = pa.array(versions["downloaded_at"].to_numpy(), type=pa.int64())
    columns = [
        pa.DictionaryArray.from_arrays(pa.array(codes, type=pa.int32()), format_geoids(geoids)),
        pa.array(versions["data_date"].to_numpy(), type=pa.int32()).cast(pa.date32()),
        moments.cast(pa.timestamp("us", tz="UTC")),
        *(pa.array(versions[name].to_numpy(), from_pandas=True) for name in FIGURES),
    ]
    return pa.Table.from_arrays(columns, schema=_SCHEMA)


def _from_arrow(table: pa.Table) -> pd.DataFrame:
    """Return rows on disk as versions."""
    table = table.unify_dictionaries().combine_chunks()
    columns: dict[str, Any] = {}
    for name in COLUMNS:
        empty = pa.array([], type=_SCHEMA.field(name).type)
        column = table[name].chunk(0) if table.num_rows else empty
        if name == "geoid":
            geoids = np.asarray(column.dictionary.cast(pa.int64()))
            columns[name] = geoids[np.asarray(column.indices)]
        elif name == "data_date":
            columns[name] = np.asarray(column.cast(pa.int32()))
        elif name == "downloaded_at":
            columns[name] = np.asarray(column.cast(pa.int64()))
        else:
            columns[name] = column.to_numpy(zero_copy_only=False)
    return pd.DataFrame(columns)
