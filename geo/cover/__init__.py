"""Cover target tracts with ZIPs, pins and polygons."""
