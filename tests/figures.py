"""Hold the published figures that tests measure; docs/figures.md must state the same."""

#: Cook County and Chicago on October 16, 2020: rated tracts and percent by weight.
COOK_TRACTS, CHICAGO_TRACTS = 1328, 789
COOK_BY_HOUSEHOLDS, CHICAGO_BY_HOUSEHOLDS = 68.37, 61.75
COOK_BY_HOUSING_UNITS, CHICAGO_BY_HOUSING_UNITS = 67.64, 61.10

#: Requests for one county's 153 columns, and those of a plain use of ``census``.
COUNTY_COLUMNS, COUNTY_REQUESTS, PLAIN_REQUESTS = 153, 7, 180

#: Largest map of Cook County that the benchmark allows, megabytes, whole and gzipped.
MAP_MB, MAP_GZIPPED_MB = 1.5, 0.45
