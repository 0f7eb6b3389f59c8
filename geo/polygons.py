"""Read polygons from any map file and repair invalid ones."""

from pathlib import Path

import geopandas as gpd
import numpy as np
import shapely

from outreach.errors import GeographyError, InputError
from outreach.user_files.map import read_map


def read_polygons(path: Path, origin: str, layer: str | None = None) -> gpd.GeoDataFrame:
    """Read any map file in EPSG:4326, as :func:`outreach.user_files.map.read_map` does.

    Parameters
    ----------
    path
        The file.
    origin
        The file's name for messages.
    layer
        The layer, where the file has several.

    Raises
    ------
    GeographyError
        The file is missing, cannot be read, has no polygon, has several layers and none was named,
        or does not say its coordinate system.
    """
    try:
        return read_map(path, "a map of polygons", layer)
    except InputError as error:
        raise GeographyError(error.what.replace(str(path), origin), error.todo) from error


def repair_polygons(
    areas: gpd.GeoDataFrame,
) -> tuple[gpd.GeoDataFrame, tuple[str, ...], tuple[str, ...]]:
    """Make every geometry a valid polygon.

    Returns
    -------
    GeoDataFrame, tuple, tuple
        The areas with a polygon; the index values that were repaired; the index values left out
        because they have no polygon.
    """
    shapes = areas.geometry.to_numpy().copy()
    broken = ~shapely.is_valid(shapes) & ~shapely.is_missing(shapes)
    # "structure" keeps ground that a ring covers twice; "linework" would cut it out.
    shapes[broken] = shapely.make_valid(shapes[broken], method="structure", keep_collapsed=False)

    polygon_types = (shapely.GeometryType.POLYGON, shapely.GeometryType.MULTIPOLYGON)
    solid = np.isin(shapely.get_type_id(shapes), polygon_types) & ~shapely.is_empty(shapes)
    valid = areas.set_geometry(gpd.GeoSeries(shapes, index=areas.index, crs=areas.crs)).loc[solid]
    return valid, tuple(areas.index[broken & solid]), tuple(areas.index[~solid])
