"""Chance, drawn for whole arrays at a time.

Days are whole numbers: days since 1 January 1970. `NEVER` stands for a day that there is none of.
Every part of the sample has a stream of its own, so that a change in one leaves the others alone.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

IntArray = NDArray[np.int64]
FloatArray = NDArray[np.float64]
BoolArray = NDArray[np.bool_]
ObjArray = NDArray[np.object_]

NEVER = 10**6
# Person and day in one number: more than the days that any sample spans.
DAYS_APART = 10**7


def stream(seed: int, part: str) -> np.random.Generator:
    """The random numbers of one part of the sample: the same for the same seed and part."""
    return np.random.default_rng([seed, zlib.crc32(part.encode())])


def known_only(codes: Sequence[str], given: Iterable[str]) -> None:
    """Raises KeyError where something is given for what is none of the codes."""
    unknown = sorted(set(given) - set(codes))
    if unknown:
        raise KeyError(f"{', '.join(unknown)}: none of the codes {', '.join(codes)}")


def weights_over(codes: Sequence[str], given: Mapping[str, float]) -> FloatArray:
    """The weights of a code list in its order, adding up to 1; a code not given has none.

    Raises KeyError on a weight for what is no code of the list.
    """
    known_only(codes, given)
    found = np.array([given.get(code, 0.0) for code in codes], dtype=np.float64)
    total = found.sum()
    return found / total if total else np.full(len(codes), 1 / len(codes))


def spread(rng: np.random.Generator, weights: FloatArray, n: int) -> IntArray:
    """`n` choices among weights that add up to 1, each as often as its weight says.

    Every choice whose weight is at least 1 / n occurs, which independent draws cannot promise.
    """
    steps = (np.arange(n) + rng.random()) / max(n, 1)
    chosen = np.searchsorted(np.cumsum(weights), steps, side="right")
    return np.asarray(rng.permutation(np.minimum(chosen, len(weights) - 1)), dtype=np.int64)


def spread_by(rng: np.random.Generator, table: FloatArray, row: IntArray) -> IntArray:
    """For each entry of `row` a choice by the weights in that row of `table` [rows x choices]."""
    chosen = np.zeros(len(row), dtype=np.int64)
    for each in np.unique(row):
        here = row == each
        chosen[here] = spread(rng, table[each], int(here.sum()))
    return chosen


def pick(rng: np.random.Generator, weights: FloatArray) -> IntArray:
    """One choice for each row of `weights` [n x choices], which need not add up to 1."""
    reached = np.cumsum(weights, axis=1)
    mark = rng.random(len(weights)) * reached[:, -1]
    return np.asarray((reached <= mark[:, None]).sum(axis=1), dtype=np.int64).clip(
        0, weights.shape[1] - 1
    )


def chance(rng: np.random.Generator, probability: FloatArray | float, n: int) -> BoolArray:
    """`n` yes or no, each by its probability."""
    return np.asarray(rng.random(n) < probability)


def between(
    rng: np.random.Generator, low: IntArray | int, high: IntArray | int, n: int
) -> IntArray:
    """`n` whole numbers from low to high, both included; `low` where high lies below it."""
    room = np.maximum(np.asarray(high) - np.asarray(low) + 1, 1)
    return np.asarray(low + np.floor(rng.random(n) * room), dtype=np.int64)


def runs(counts: IntArray) -> tuple[IntArray, IntArray]:
    """Repeats: for counts [2, 0, 1] the owners [0, 0, 2] and the places within each [0, 1, 0]."""
    owner = np.repeat(np.arange(len(counts)), counts)
    return owner, np.arange(len(owner)) - np.repeat(np.cumsum(counts) - counts, counts)


def places_within(keys: IntArray) -> IntArray:
    """For sorted keys, the place of each entry among those of its key, from 0."""
    starts = np.flatnonzero(np.diff(keys, prepend=keys[:1] - 1)) if len(keys) else keys
    lengths = np.diff(np.append(starts, len(keys)))
    return np.arange(len(keys)) - np.repeat(starts, lengths)


def none_where(empty: BoolArray, values: NDArray[Any]) -> ObjArray:
    """The values as Python's own, None where `empty` says so."""
    found = values.astype(object)
    found[empty] = None
    return found


def in_shares(rng: np.random.Generator, weights: FloatArray, total: int) -> IntArray:
    """Whole numbers in proportion to the weights which add up to exactly `total`."""
    reached = np.cumsum(weights)
    if not len(weights) or not reached[-1]:
        return np.zeros(len(weights), dtype=np.int64)
    marks = np.floor(reached / reached[-1] * total + rng.random() * (1 - 1e-9)).astype(np.int64)
    marks[-1] = total
    return np.asarray(np.diff(np.minimum(marks, total), prepend=0), dtype=np.int64)
