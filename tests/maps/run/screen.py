"""Look at a map in a browser as its reader does, and draw its districts."""

import csv
import dataclasses
import io
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from PIL import Image

from maps.run.inputs import MapView


def show(page: Any, panel: str) -> None:
    page.click(f"#tab-{panel}")


def count_colors(page: Any) -> int:
    """Count the colors that the canvas shows."""
    return page.evaluate(
        """() => { const canvas = document.querySelector("canvas.leaflet-zoom-animated");
        const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
        const seen = new Set();
        for (let at = 0; at < data.length; at += 4) {
          if (data[at + 3] > 200) seen.add(data[at] << 16 | data[at + 1] << 8 | data[at + 2]);
        }
        return seen.size; }"""
    )


def find_on_screen(page: Any, latitude: float, longitude: float) -> list[float]:
    """Return where a place of the map lies on the screen, in pixels."""
    place: list[float] = page.evaluate(
        """(at) => { const { x, y } = map_tracts.latLngToContainerPoint(at);
        const { left, top } = map_tracts.getContainer().getBoundingClientRect();
        return [x + left, y + top]; }""",
        [latitude, longitude],
    )
    return place


def take_picture(page: Any) -> str:
    return page.evaluate(
        "() => [...document.querySelectorAll('canvas')].map((canvas) => canvas.toDataURL()).join()"
    )


def count_red(page: Any) -> int:
    """Count the red pixels of the map: the circles, through which gray tracts show."""
    with Image.open(io.BytesIO(page.locator(".folium-map").screenshot())) as shown:
        pixels = np.asarray(shown.convert("RGB")).astype(int)
    return int((pixels[..., 0] > pixels[..., 2] + 40).sum())


def read_download(page: Any, button: str) -> list[dict[str, str]]:
    """Press a button and return the rows of the table that it saves."""
    with page.expect_download() as download:
        page.click(button)
    text = Path(download.value.path()).read_text(encoding="utf-8-sig")
    return list(csv.DictReader(io.StringIO(text)))


def divide_town(town: MapView) -> MapView:
    """Give half of the third column of tracts to Ward 2, as a crosswalk would, with pages."""
    column = pd.Series([number % 6 for number in range(36)], index=town.tracts.index)
    shares = {"Ward <b>1</b>": column.map({0: 1, 1: 1, 2: 0.5}), "Ward 2": None}
    shares["Ward 2"] = 1 - shares["Ward <b>1</b>"].fillna(0)
    parts = pd.concat(
        pd.DataFrame(
            {
                "kind": "Ward",
                "name": name,
                "geoid": share.index,
                "weight": share,
                "unit": "housing_units",
            }
        )
        for name, share in shares.items()
    ).dropna()
    pages = {"Ward": {"Ward 2": "ward/ward-2.html"}}
    return dataclasses.replace(town, parts=parts[parts["weight"] > 0], pages=pages)
