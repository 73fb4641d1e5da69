"""The rules of NHS England's Making Data Count, written down a second time and in another way than
the models have them: exact fractions, and every window of seven or three looked at by itself, as
R's NHSRplotthedots 0.2.2 does (R/ptd_spc_standard.R, R/ptd_calculate_point_type.R)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from fractions import Fraction

WIDTH = Fraction(266, 100)


@dataclass
class Point:
    """A month that is shown: its four signs, and which way it stands out (0: it does not)."""

    beyond: bool = False
    shift: bool = False
    trend: int = 0
    two_of_three: bool = False
    side: int = 0

    @property
    def direction(self) -> int:
        if self.beyond:
            return self.side
        if self.trend:
            return self.trend
        return self.side if self.two_of_three or self.shift else 0


@dataclass
class Chart:
    """One phase: its mean and limits, and a point for each month, None for one that is hidden."""

    mean: Fraction
    lower: Fraction
    upper: Fraction
    points: list[Point | None] = field(default_factory=list)


def sign(number: Fraction) -> int:
    return (number > 0) - (number < 0)


def windows(values: Sequence[Fraction | None], width: int) -> list[range]:
    """Each stretch of so many months that follow one another and are all shown."""
    return [
        range(start, start + width)
        for start in range(len(values) - width + 1)
        if None not in values[start : start + width]
    ]


def chart(values: Sequence[Fraction | None]) -> Chart:
    """The control chart of a phase, a value for each month, None where it is hidden.

    At least two months that follow one another must be shown.
    """
    shown = [value for value in values if value is not None]
    mean = sum(shown, Fraction(0)) / len(shown)

    def at(index: int) -> Fraction:
        value = values[index]
        assert value is not None
        return value

    ranges = [abs(at(second) - at(first)) for first, second in windows(values, 2)]
    reach = WIDTH * sum(ranges, Fraction(0)) / len(ranges)
    found = Chart(mean, mean - reach, mean + reach)
    near = [False] * len(values)
    points = [Point() for _ in values]
    for index, value in enumerate(values):
        if value is not None:
            points[index].side = sign(value - mean)
            points[index].beyond = abs(value - mean) > reach
            near[index] = reach >= abs(value - mean) > reach * Fraction(2, 3)
    for window in windows(values, 7):
        if abs(sum(points[i].side for i in window)) == 7:
            for i in window:
                points[i].shift = True
        steps = sum(sign(at(i + 1) - at(i)) for i in window[:-1])
        if abs(steps) == 6:
            # A later window takes the place of an earlier one.
            for i in window:
                points[i].trend = sign(Fraction(steps))
    for window in windows(values, 3):
        if abs(sum(points[i].side for i in window)) == 3 and sum(near[i] for i in window) >= 2:
            for i in window:
                points[i].two_of_three |= near[i]
    found.points = [
        None if value is None else point for value, point in zip(values, points, strict=True)
    ]
    return found
