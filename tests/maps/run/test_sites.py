"""A map holds each place once, the nearest of each tract, and only what a county needs."""

import pandas as pd

from maps.context.numbers import write_numbers
from maps.run.sites import MapSites, describe_sites, take_sites, word_sites
from outreach.catalog import read_words

GEOIDS = pd.Index([f"9900100{number}000" for number in range(3)])


def make_sites() -> MapSites:
    """Make a library, a kiosk in the same tract, and a library outside all tracts."""
    table = pd.DataFrame(
        {
            "layer": ["Libraries", "Help", "Libraries"],
            "name": ["</script>", "Kiosk 1", "Beyond"],
            "kind": ["Library", "Booth", "Library"],
            "latitude": [41.5, 41.6, 41.7000004],
            "longitude": [-40.0, -40.1, -40.2],
            "geoid": [GEOIDS[1], GEOIDS[1], ""],
            "hours": ["9-5", "", ""],
            **dict.fromkeys(("address", "phone", "languages", "link"), ""),
            "is_public": True,
        }
    ).rename_axis("site")
    distances = pd.DataFrame(
        {
            "geoid": [*GEOIDS[:2], *GEOIDS[:2]],
            "layer": ["Libraries"] * 2 + ["Help"] * 2,
            "site": [2, 0, 1, 1],
            "distance_m": [900.0, 100.0, 800.0, 300.0],
            "distance_miles": [0.559, 0.062, 0.497, 0.186],
            "is_far": False,
        }
    )
    districts = pd.DataFrame({"site": [1], "kind": ["Ward"], "name": ["East"]})
    return MapSites(table, distances, districts)


def test_each_text_is_there_once_and_the_nearest_by_tract() -> None:
    shown = describe_sites(make_sites(), GEOIDS, [{"kind": "Ward", "names": ["West", "East"]}])
    assert shown == {
        "layers": ["Libraries", "Help"],
        "kinds": ["Library", "Booth"],
        "names": ["</script>", "Kiosk 1", "Beyond"],
        "points": [[41.5, -40.0], [41.6, -40.1], [41.7, -40.2]],
        "layer": [0, 1, 0],
        "kind": [0, 1, 0],
        "tracts": [1, 1, -1],
        "districts": {"Ward": [-1, 1, -1]},
        "details": {"hours": ["9-5", "", ""]},
        "near": write_numbers([1, 0, -1]),
        "miles": write_numbers([50, 6, 0]),
    }


def test_known_kinds_are_translated_and_others_stay() -> None:
    shown = describe_sites(make_sites(), GEOIDS, [])
    assert word_sites(shown, read_words("es")) == {
        "layers": ["Bibliotecas", "Help"],
        "kinds": ["Biblioteca", "Booth"],
    }


def test_a_county_keeps_its_places_and_those_nearest_to_it() -> None:
    assert take_sites(make_sites(), [GEOIDS[0]]).table["name"].tolist() == ["Kiosk 1", "Beyond"]
    assert take_sites(make_sites(), [GEOIDS[2]]).table.empty
