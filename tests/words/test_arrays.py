from typing import get_args

import numpy as np

from outreach.arrays import Flags, Floats, Ints


def test_each_alias_names_its_element_type() -> None:
    kinds = [get_args(get_args(alias)[1])[0] for alias in (Floats, Ints, Flags)]
    assert kinds == [np.float64, np.int64, np.bool_]
