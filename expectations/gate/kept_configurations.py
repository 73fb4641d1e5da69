"""Has Great Expectations make an expectation's configuration once, not each time it looks at it.

While it judges one expectation it asks for that one's configuration some eighty times, and makes it
anew out of the expectation's fields each time: a sixth of what the whole gate takes. An expectation
does not change while it is judged, so that all of these are the same. What is expected, how it is
computed and what is answered stays Great Expectations' own.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING
from unittest.mock import patch

if TYPE_CHECKING:
    from great_expectations.expectations.expectation import Expectation
    from great_expectations.expectations.expectation_configuration import ExpectationConfiguration


@contextmanager
def kept_configurations() -> Iterator[None]:
    """Each expectation's configuration is made once within, and as ever outside."""
    from great_expectations.expectations.expectation import Expectation as Asked

    makes_anew: property = Asked.__dict__["configuration"]
    # The expectation too, so that its number becomes no other's meanwhile.
    kept: dict[int, tuple[Expectation, ExpectationConfiguration]] = {}

    def configuration(expectation: Expectation) -> ExpectationConfiguration:
        if id(expectation) not in kept:
            kept[id(expectation)] = (expectation, makes_anew.__get__(expectation))
        return kept[id(expectation)][1]

    with patch.object(Asked, "configuration", property(configuration)):
        yield
