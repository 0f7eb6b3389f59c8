"""Places and ZIP areas lie in the counties that the Bureau's lists say."""

import pytest

from geo.place_counties import name_place, read_place_counties, read_zip_counties
from outreach.errors import GeographyError

_PLACES = """\
STATE|STATEFP|COUNTYFP|COUNTYNAME|PLACEFP|PLACENS|PLACENAME|TYPE|CLASSFP|FUNCSTAT
IL|17|031|Cook County|14000|00428803|Chicago city|INCORPORATED PLACE|C1|A
IL|17|043|DuPage County|14000|00428803|Chicago city|INCORPORATED PLACE|C1|A
AL|1|1|Autauga County|00100|02582661|Abanda CDP|CENSUS DESIGNATED PLACE|U1|S
"""


@pytest.mark.parametrize(
    ("title", "name"),
    [
        ("Chicago city", "Chicago"),
        ("Oak Park village", "Oak Park"),
        ("Boise City city", "Boise City"),
        ("Town and Country city", "Town and Country"),
        ("Silver Spring CDP", "Silver Spring"),
        ("Juneau city and borough", "Juneau"),
        ("Athens-Clarke County unified government (balance)", "Athens-Clarke County"),
        ("Indianapolis city (balance)", "Indianapolis"),
        ("San Juan zona urbana", "San Juan"),
        ("Raymer (New Raymer) town", "Raymer (New Raymer)"),
        ("city", "city"),
    ],
)
def test_a_place_is_named_as_people_say_it(title: str, name: str) -> None:
    assert name_place(title) == name


def test_a_place_lies_in_every_county_that_it_reaches_into() -> None:
    pairs = read_place_counties(_PLACES.encode())
    assert list(pairs.itertuples(index=False, name=None)) == [
        ("Abanda", "01001"),
        ("Chicago", "17031"),
        ("Chicago", "17043"),
    ]


def test_a_zip_lies_in_a_county_with_one_percent_of_its_land_or_more() -> None:
    rows = [
        ("60629", "17031000100", 50, 0),
        ("60629", "17031000200", 49, 0),
        ("60629", "17043000100", 1, 900),  # exactly 1% of the land
        ("60630", "17031000200", 995, 0),
        ("60630", "17043000100", 5, 0),  # only touches it
        ("60631", "17097000100", 0, 7),  # all water
        ("", "17031000300", 9, 9),
        ("60632", "", 9, 9),
    ]
    lines = ["GEOID_ZCTA5_20|GEOID_TRACT_20|AREALAND_PART|AREAWATER_PART"]
    lines += ["|".join(map(str, row)) for row in rows]
    pairs = read_zip_counties("\n".join(lines).encode())
    assert list(pairs.itertuples(index=False, name=None)) == [
        ("60629", "17031"),
        ("60629", "17043"),
        ("60630", "17031"),
        ("60631", "17097"),
    ]


def test_another_file_is_refused_in_one_sentence() -> None:
    with pytest.raises(GeographyError, match="PLACENAME"):
        read_place_counties(b"STATEFP|COUNTYFP\n17|031\n")
    with pytest.raises(GeographyError, match="GEOID_TRACT_20"):
        read_zip_counties(b"GEOID_ZCTA5_20|AREALAND_PART\n60629|1\n")
