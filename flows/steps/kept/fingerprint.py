"""Fingerprint tables and models by their content."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import fields, is_dataclass
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd


def hash_content(*values: Any) -> str:
    """Return a hash of values that depends on nothing but their content.

    Parameters
    ----------
    values
        Tables, arrays, dataclasses, mappings, sequences, text, numbers, dates, or ``None``, within
        one another as they come.
    """
    digest = hashlib.sha256()
    for value in values:
        _feed(digest, value)
    return digest.hexdigest()


def hash_folder(folder: Path, pattern: str = "*") -> str:
    """Return a hash of the names and contents of the files below a folder."""
    digest = hashlib.sha256()
    for path in sorted(folder.rglob(pattern)):
        if path.is_file() and "__pycache__" not in path.parts:
            digest.update(str(path.relative_to(folder)).encode())
            digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()


def _feed(digest: Any, value: Any) -> None:
    """Feed one value to a digest, behind its type."""
    if isinstance(value, float):  # numpy's, too
        value = float(value)
    digest.update(f"|{type(value).__name__}:".encode())
    if isinstance(value, pd.DataFrame):
        if isinstance(value, gpd.GeoDataFrame):
            digest.update(b"".join(each or b"-" for each in value.geometry.to_wkb()))
            value = pd.DataFrame(value.drop(columns=value.geometry.name))
        _feed(
            digest,
            [
                str(each)
                for names in (value.index.names, value.columns, value.dtypes)
                for each in names
            ],
        )
        digest.update(pd.util.hash_pandas_object(value, index=True).to_numpy().tobytes())
    elif isinstance(value, pd.Series | pd.Index):
        digest.update(pd.util.hash_pandas_object(value).to_numpy().tobytes())
    elif isinstance(value, np.ndarray) and value.dtype != object:
        digest.update(f"{value.dtype}{value.shape}".encode() + value.tobytes())
    elif is_dataclass(value) and not isinstance(value, type):
        _feed(digest, [(each.name, getattr(value, each.name)) for each in fields(value)])
    elif isinstance(value, Mapping):
        _feed(digest, [(str(key), each) for key, each in value.items()])
    elif isinstance(value, Sequence | np.ndarray) and not isinstance(value, str | bytes):
        for each in value:
            _feed(digest, each)
    else:
        digest.update(repr(value).encode())
