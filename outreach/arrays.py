"""Name the array types that the whole service shares."""

import numpy as np
import numpy.typing as npt

#: Figures, any shape.
Floats = npt.NDArray[np.float64]
#: Counts, positions and group numbers, any shape.
Ints = npt.NDArray[np.int64]
#: True or false for each element, any shape.
Flags = npt.NDArray[np.bool_]
