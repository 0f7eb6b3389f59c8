"""Find counties whose rated tracts lose a source of predictors, and stop where many do."""

from collections.abc import Iterator, Sequence

import pandas as pd

from geo.profiles import ProfileSource
from outreach.errors import GeographyError
from outreach.phrasing import write_count, write_percent
from outreach.tables import GeoDataFrame, Tracts

#: Shares of a county's rated tracts without a source: above the first it is said, above the second
#: the run stops.
NOTE_SHARE, STOP_SHARE = 0.01, 0.20
#: One lost tract stops no run, however small its county is.
FEWEST = 2


def find_lost_predictors(
    tracts: GeoDataFrame[Tracts], sources: Sequence[ProfileSource], tract_year: int
) -> list[str]:
    """Say which counties lose a source of predictors.

    Parameters
    ----------
    tracts
        The joined tracts.
    sources
        The sources that gave rows; one without any is noted where it was pulled.
    tract_year
        Census year of the rates' tracts.

    Returns
    -------
    list of str
        A sentence for each source and state of which it has no row, and for each source and county
        in which more than 1% of the rated tracts have none of its figures.

    Raises
    ------
    GeographyError
        In a county of a state that the source has, more than 20% do; the sentence has the reason
        that can be seen.
    """
    rated = tracts[tracts["status"] == "rated"]
    sentences = []
    for source, lost in _list_losses(rated, sources):
        # A state that the source lacks wholly is no mistake of codes, and stops nothing.
        states = pd.Series(rated.index.str[:2], index=rated.index)
        absent = ~states.isin(source.table.index.str[:2])
        sentences += [
            f"{source.name} has no row of state {state}: its {write_count(count, 'rated tract')}"
            " have no figures of it, and no part in what needs them."
            for state, count in states[absent].value_counts(sort=False).items()
        ]
        lost = lost & ~absent  # noqa: PLW2901  the rest of the loop is about other states
        county = pd.Series(rated.index.str[:5], index=rated.index)
        counts = pd.DataFrame({"lost": lost.groupby(county).sum(), "rated": county.value_counts()})
        for code, row in counts[counts["lost"] > NOTE_SHARE * counts["rated"]].iterrows():
            share = row["lost"] / row["rated"]
            example = rated.index[lost & (county == code)][0]
            sentence = (
                f"{write_count(int(row['lost']), 'rated tract')} of county {code}"
                f" ({write_percent(share, 1)}), such as {example},"
                f" {'has' if row['lost'] == 1 else 'have'} no figures of {source.name}."
            )
            if share > STOP_SHARE and row["lost"] >= FEWEST:
                raise GeographyError(sentence, _explain_loss(source, str(code), tract_year))
            sentences.append(sentence)
    return sentences


def _list_losses(
    rated: pd.DataFrame, sources: Sequence[ProfileSource]
) -> "Iterator[tuple[ProfileSource, pd.Series[bool]]]":
    """List each source with the rated tracts that have none of the figures that it alone gives."""
    for source in sources:
        others = {name for other in sources if other is not source for name in other.table.columns}
        own = [name for name in source.table.columns if name in rated and name not in others]
        if own:
            yield source, rated[own].isna().all(axis=1)


def _explain_loss(source: ProfileSource, county: str, tract_year: int) -> str:
    """Say what can be seen of the reason, and what to do."""
    theirs = source.table.index[source.table.index.str[:2] == county[:2]]
    inside = int((theirs.str[:5] == county).sum())
    if source.tract_year != tract_year:
        return (
            f"Its tracts are those of {source.tract_year} and were carried over to those of"
            f" {tract_year}; choose a vintage on tracts of {tract_year}, or leave it out with 0 in"
            " [vintages]."
        )
    if not inside:
        return (
            f"It has {write_count(len(theirs), 'tract')} in state {county[:2]} and none with the"
            f" county code {county}; choose another vintage, or leave it out with 0 in [vintages]."
        )
    return (
        f"It has {write_count(inside, 'tract')} of that county, but under other codes; choose"
        " another vintage, or leave it out with 0 in [vintages]."
    )
