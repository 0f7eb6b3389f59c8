"""List the geography levels of the Census Data API."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class GeographyLevel:
    """One geography level.

    Parameters
    ----------
    code
        The Bureau's summary level.
    requires
        Levels that must be named with it.
    wildcard
        Which of these may be ``*`` or left out.
    """

    code: str
    requires: tuple[str, ...] = ()
    wildcard: tuple[str, ...] = ()


LEVELS = {
    "us": GeographyLevel("010"),
    "state": GeographyLevel("040"),
    "county": GeographyLevel("050", ("state",), ("state",)),
    "tract": GeographyLevel("140", ("state", "county"), ("county",)),
    "block": GeographyLevel("100", ("state", "county", "tract"), ("tract",)),
    "place": GeographyLevel("160", ("state",)),
    "zip code tabulation area": GeographyLevel("860"),
}
