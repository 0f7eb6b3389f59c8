"""Write the pages of an atlas in one language into its folder."""

from dataclasses import dataclass, field
from pathlib import Path

import geopandas as gpd

from maps.atlas.inputs import Atlas, County
from maps.atlas.pages import Shelf, write_assets, write_county, write_overview
from outreach.catalog import Words


@dataclass(frozen=True, slots=True)
class Edition:
    """An atlas in one language.

    Parameters
    ----------
    atlas
        What all its pages share.
    catalogs
        All languages of the atlas; the first has the plain places, another a folder of its code.
    words
        The language of this edition.
    """

    atlas: Atlas
    catalogs: tuple[Words, ...]
    words: Words
    assets: dict[str, str] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "assets", write_assets(self.atlas, self.words))

    def write_assets(self, root: Path) -> None:
        """Write what pages share, and make the folders."""
        (root / self._folder / "counties").mkdir(parents=True)
        (root / "assets").mkdir(exist_ok=True)
        for name, content in self.assets.items():
            (root / name).write_text(content, encoding="utf-8")

    def write_county(self, root: Path, county: County, ground: str) -> None:
        """Write the page of one county; ``ground`` from :func:`maps.atlas.pages.draw_ground`."""
        name = f"counties/{county.code}.html"
        page = write_county(self.atlas, county, ground, self._find_shelf(name))
        (root / self._folder / name).write_text(page, encoding="utf-8")

    def write_overview(self, root: Path, outlines: gpd.GeoDataFrame | None) -> None:
        """Write the overview; outlines as in :func:`maps.atlas.pages.write_overview`."""
        page = write_overview(self.atlas, outlines, self._find_shelf("index.html"))
        (root / self._folder / "index.html").write_text(page, encoding="utf-8")

    @property
    def _folder(self) -> str:
        return _name_folder(self.words, self.catalogs)

    def _find_shelf(self, name: str) -> Shelf:
        """Return where a page finds its assets and its twins."""
        depth = name.count("/") + (1 if self._folder else 0)
        root = "../" * depth
        twins = tuple(
            (other, f"{root}{_name_folder(other, self.catalogs)}{name}")
            for other in self.catalogs
            if other is not self.words
        )
        return Shelf(self.words, tuple(f"{root}{asset}" for asset in self.assets), twins)


def _name_folder(words: Words, catalogs: tuple[Words, ...]) -> str:
    """Name the folder of a language, with its slash; the first has none."""
    return "" if words is catalogs[0] else f"{words.code}/"
