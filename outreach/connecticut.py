"""Match Connecticut's tracts across its change of counties in 2022.

Nine planning regions (09110 to 09190) took the place of eight counties (09001 to 09015) as county
equivalents; its 879 tracts kept their shapes and the last six digits of their codes (Federal
Register 2022-12063; CT-Data-Collaborative/2022-tract-crosswalk). These digits are unique among the
tracts with people; six without any share 980000, 990000, and 990100, and are not matched. The
rates, boundary files, and relationship files of 2020 keep the counties; the ACS and boundary files
of 2022 and later have the regions.
"""

import pandas as pd

STATE = "09"

#: The planning regions by county code.
REGIONS = {
    "110": "Capitol",
    "120": "Greater Bridgeport",
    "130": "Lower Connecticut River Valley",
    "140": "Naugatuck Valley",
    "150": "Northeastern Connecticut",
    "160": "Northwest Hills",
    "170": "South Central Connecticut",
    "180": "Southeastern Connecticut",
    "190": "Western Connecticut",
}
#: The first vintage of the ACS and of the boundary files with the regions.
FIRST_VINTAGE = 2022


def recode_tracts(codes: pd.Index, partners: pd.Index) -> pd.Index:
    """Give Connecticut's tracts the codes that the same tracts have among their partners.

    Parameters
    ----------
    codes
        Tract codes, 11 digits each, of any state.
    partners
        The tract codes to meet.

    Returns
    -------
    Index
        The codes in their order. A code that is no partner, and whose last six digits are those of
        exactly one code and one partner of Connecticut, is replaced by this partner.
    """
    own = codes[codes.str.startswith(STATE) & ~codes.isin(partners)]
    theirs = partners[partners.str.startswith(STATE) & ~partners.isin(codes)].unique()
    by_digits = pd.Series(theirs, index=theirs.str[-6:])
    by_digits = by_digits[~by_digits.index.duplicated(keep=False)]
    once = own[~own.str[-6:].duplicated(keep=False)]
    new = by_digits.reindex(once.str[-6:]).set_axis(once).dropna()
    if new.empty:
        return codes
    recoded: pd.Index = pd.Index([new.get(code, code) for code in codes], name=codes.name)
    return recoded
