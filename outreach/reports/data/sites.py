"""Hold the places where people get help by district, and which target tracts are far from any."""

from dataclasses import dataclass, replace

import pandas as pd

from outreach.tables import DataFrame, SiteDistances, Sites, as_table


@dataclass(frozen=True, slots=True)
class ReportSites:
    """The places that a set of reports shows.

    Parameters
    ----------
    table
        The places.
    distances
        The nearest place of each layer to each tract.
    districts
        By place, the id of its district; missing for none.
    targets
        The target tracts; empty where nobody may know them.
    far_miles
        By layer, the distance above which a tract is far.
    """

    table: DataFrame[Sites]
    distances: DataFrame[SiteDistances]
    districts: "pd.Series[str]"
    targets: frozenset[str]
    far_miles: dict[str, float]

    def list_in(self, district: str) -> pd.DataFrame:
        """Return the places in a district, by layer and name."""
        own = self.table[(self.districts == district).to_numpy(dtype=bool)]
        layers = {layer: order for order, layer in enumerate(self.far_miles)}
        order = own.assign(order=own["layer"].map(layers)).sort_values(["order", "name"])
        return pd.DataFrame(order.drop(columns="order"))

    def list_far(self, geoids: "pd.Index[str]") -> pd.DataFrame:
        """Return the target tracts among some that are far from each place of a layer.

        Returns
        -------
        DataFrame
            As ``distances``, the farthest first within each layer.
        """
        rows = self.distances
        shown = self.targets.intersection(geoids)
        far = rows[rows["is_far"] & rows["geoid"].isin(shown)]
        return far.sort_values(["distance_m", "geoid"], ascending=[False, True])

    def make_public(self) -> "ReportSites | None":
        """Return what everybody may see: public layers, and no target; ``None`` for nothing."""
        table = as_table(self.table[self.table["is_public"]], Sites)
        if table.empty:
            return None
        kept = self.distances[self.distances["site"].isin(table.index)]
        return replace(
            self,
            table=table,
            distances=as_table(kept, SiteDistances),
            districts=self.districts.reindex(table.index),
            targets=frozenset(),
        )
