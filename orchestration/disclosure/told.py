"""What earlier releases told, and whether it makes a difference to an answer that is known."""

from __future__ import annotations

import numpy as np
from pandas import DataFrame


class Told:
    """What earlier releases told of each claim of a part, as far as the audit can tell a
    difference: what this release tells of a count itself, whether it shows the count or hides it,
    adds nothing when it has been told before."""

    def __init__(self, claims: DataFrame, last: DataFrame) -> None:
        """`claims` are clean; last_least and last_most are those of `last`."""
        is_shown = claims["is_shown"].to_numpy(dtype=bool)
        is_none = (claims["most"] <= 0).to_numpy()
        self.is_shown = is_shown & ~is_none
        self.shown_least, self.shown_most = _ends(claims, "")
        hidden_least, hidden_most = _ends(claims, "hidden_")
        self.last_least, self.last_most = _ends(last, "last_")
        least = np.where(is_shown, np.minimum(self.shown_least, hidden_least), self.shown_least)
        most = np.where(is_shown, np.maximum(self.shown_most, hidden_most), self.shown_most)
        # A count that is known to be 0 is no unknown.
        self.least = np.where(is_none, least, np.maximum(self.last_least, least))
        self.most = np.where(is_none, most, np.minimum(self.last_most, most))
        self.says_more = (self.least > least) | (self.most < most)

    def is_same(self, other: Told) -> bool:
        """Whether the very same was told."""
        return np.array_equal(self.last_least, other.last_least) and np.array_equal(
            self.last_most, other.last_most
        )

    def answers_the_same(self, other: Told, is_hidden: np.ndarray) -> bool:
        """Whether an audit after all this was told goes the same way, step for step, as the one
        after `other`, which left no count exposed, was steady, and hid further what `is_hidden`.

        So it is where nothing is taken back, and no more is told than that audit itself said: of
        a count that it left shown, what it shows.

        - The first search knows nothing of earlier releases. The second begins with the same
          limits: they are those of shown counts as they are shown, and of others as `other` had
          them.
        - A count can be hidden where that makes it freer. All that could be hidden and was, still
          can be, since nothing more was told of it. No other count can be hidden that could not:
          whoever was told more of it is freed less.
        - So of the counts that tell a small one, the smallest that can be hidden is the same one.
          Where there was none, there is none.
        - If `other` told nothing more than this release does, there may have been no second search;
          that it was steady says that the second one hides nothing and finds the same.
        """
        is_free = self.is_shown & ~is_hidden
        least = np.where(is_free, np.maximum(self.least, self.shown_least), self.least)
        most = np.where(is_free, np.minimum(self.most, self.shown_most), self.most)
        before_least = np.where(is_free, np.maximum(other.least, self.shown_least), other.least)
        before_most = np.where(is_free, np.minimum(other.most, self.shown_most), other.most)
        nothing_taken_back = (self.least >= other.least).all() and (self.most <= other.most).all()
        return bool(
            nothing_taken_back
            and np.array_equal(least, before_least)
            and np.array_equal(most, before_most)
        )


def _ends(claims: DataFrame, of: str) -> tuple[np.ndarray, np.ndarray]:
    return tuple(claims[f"{of}{end}"].to_numpy(dtype=float) for end in ("least", "most"))
