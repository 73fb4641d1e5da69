"""Which cell of the published tables a count stands in, as whole numbers: quick to compare."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from pandas import DataFrame

from orchestration.disclosure.system import Indices

CELL = [
    "period_type",
    "period_start",
    "area_type",
    "area_code",
    "breakdown_type",
    "breakdown_value",
]


def codes(rows: DataFrame, columns: Sequence[str]) -> Indices:
    """A number for each row, the same where the rows are the same in all these columns."""
    code = np.zeros(len(rows), dtype=np.int64)
    for column in columns:
        values = rows[column]
        if isinstance(values.dtype, pd.CategoricalDtype):
            of_column, count = values.cat.codes.to_numpy(), len(values.cat.categories)
        else:
            of_column, different = pd.factorize(values)
            count = len(different)
        code = code * count + of_column
    return code


def distinct(rows: DataFrame, columns: Sequence[str]) -> tuple[Indices, list[tuple[Any, ...]]]:
    """The different rows of these columns, in the order in which they first appear, and for each
    row which of them it is."""
    which, _ = pd.factorize(codes(rows, columns))
    first = ~pd.Series(which).duplicated().to_numpy()
    different = rows.loc[first, list(columns)]
    return which, list(zip(*(different[column].tolist() for column in columns), strict=True))
