"""Score the tracts of a run for any rules, computing once what rules do not change."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from flows.steps.kept.fingerprint import hash_content
from flows.steps.kept.results import KeptResults, Kind
from models.assess import Assessment
from models.scores.score import Score
from models.targeting.priority import list_measure_rules, measure_tracts, score_tracts
from models.targeting.rank_range import SIMULATIONS
from models.targeting.selection import ListRules
from outreach.tables import DataFrame, RatedTracts, ResponseRates, Scores, Tracts, as_table

_SCORES = Kind("scores of the tracts")


@dataclass(frozen=True)
class Scorer:
    """The tracts of a run, and what scores are computed from.

    Parameters
    ----------
    tracts, assessment, history
        The tracts, their forecast and peer expectation, and their rates so far.
    creative_languages
        ISO 639-1 codes of the languages that there are ads in.
    kept
        Results of earlier runs.
    """

    tracts: DataFrame[Tracts]
    assessment: Assessment
    history: DataFrame[ResponseRates]
    creative_languages: tuple[str, ...]
    kept: KeptResults

    def score(
        self,
        rules: ListRules,
        *,
        declared: Mapping[str, Score] | None = None,
        simulations: int = SIMULATIONS,
    ) -> DataFrame[Scores]:
        """Score and rank the tracts, as :func:`models.targeting.priority.score_tracts` does.

        Scores and priorities depend on neither budget nor objective, so they are those of an
        earlier run with the same input, if there was one; ranks and their ranges are always
        computed.
        """
        rated = as_table(self.tracts, RatedTracts)
        sources = (self.assessment.forecast, self.assessment.peers, self.history)
        names = None if declared is None else sorted(declared)
        measured = self.kept.recall(
            _SCORES,
            [self._basis, list_measure_rules(rules), names],
            lambda: measure_tracts(
                rated, self.creative_languages, rules, *sources, declared=declared
            ),
        )
        return score_tracts(
            rated,
            self.creative_languages,
            rules,
            *sources,
            declared=declared,
            simulations=simulations,
            measured=measured,
        )

    @cached_property
    def _basis(self) -> str:
        """The hash of what all scores of the run depend on."""
        return hash_content(
            self.tracts,
            self.assessment.forecast,
            self.assessment.peers,
            self.history,
            self.creative_languages,
        )
