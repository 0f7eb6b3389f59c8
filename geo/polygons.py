"""Read polygons from any map file and repair invalid ones."""

from pathlib import Path

import geopandas as gpd
import numpy as np
import shapely
from pyogrio.errors import DataLayerError, DataSourceError

from outreach.errors import GeographyError


def read_polygons(path: Path, origin: str) -> gpd.GeoDataFrame:
    """Read a vector file (GeoParquet, or anything GDAL reads, zipped or not) in EPSG:4326.

    Parameters
    ----------
    path
        The file.
    origin
        The file's name for messages.

    Raises
    ------
    GeographyError
        The file is missing, cannot be read, has no geometry or no row, or does not name its
        coordinate system.
    """
    try:
        layer = gpd.read_parquet(path) if path.suffix == ".parquet" else gpd.read_file(path)
    except (DataSourceError, DataLayerError, OSError, ValueError) as error:
        reason = " ".join(str(error).split())[:200]
        raise GeographyError(
            f"{origin} cannot be read as a boundary file: {reason}.",
            "Name a complete file of polygons.",
        ) from error

    if not isinstance(layer, gpd.GeoDataFrame) or layer.empty:
        raise GeographyError(f"{origin} has no polygons.", "Name a file of polygons.")
    if layer.crs is None:
        raise GeographyError(
            f"{origin} does not name its coordinate system.",
            "Add the .prj file, or save it with a coordinate system.",
        )
    layer = layer.rename_geometry("geometry") if layer.geometry.name != "geometry" else layer
    return layer.to_crs("EPSG:4326")


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
