"""Hold the published figures that tests measure; docs/figures.md must state the same."""

#: Cook County and Chicago on October 16, 2020: rated tracts and percent by weight.
COOK_TRACTS, CHICAGO_TRACTS = 1328, 789
COOK_BY_HOUSEHOLDS, CHICAGO_BY_HOUSEHOLDS = 68.37, 61.75
COOK_BY_HOUSING_UNITS, CHICAGO_BY_HOUSING_UNITS = 67.64, 61.10

#: Requests for one county's 153 columns, and those of a plain use of ``census``.
COUNTY_COLUMNS, COUNTY_REQUESTS, PLAIN_REQUESTS = 153, 7, 180

#: Largest map of Cook County that the benchmark allows, megabytes, whole and gzipped.
MAP_MB, MAP_GZIPPED_MB = 1.9, 0.65

#: Most of it that roads, water, names, and streets may take, and the part of the time of plain
#: pages with all layers until it is ready.
CONTEXT_MB, READY_SHARE = 0.4, 0.15

#: Dates of the season that a second of playing shows, at least.
DATES_PER_SECOND = 10.5

#: Cook County in 2020, a season model without Illinois: share of the final worst fifth found by the
#: list of a fifth that a run buys by default, and missing households it reaches for 1,000 USD.
COOK_BOUGHT_FOUND = {14: 0.887, 30: 0.914, 45: 0.921}
COOK_BOUGHT_REACHED = {14: 767, 30: 774, 45: 778}
