"""Believable made-up returns, of any size, for trying the whole way from inbox to site.

People and their episodes are planned over all months at once (`people`, `episodes`, `hospital`,
`homes`), what happens to them follows (`contacts`, `events`, `scores`), and `tables` lays it out as
what each provider would send for each month. `faults` spoils rows, `situations` decides what is
sent at all, `styles` and `returns` how each provider puts it, `writing` writes it.

Code lists, ranges and fields come from the standard; how often what occurs is stated here. Nothing
that computes or judges returns belongs here.
"""

from orchestration.sample.make import SampleSummary, write_sample

__all__ = ["SampleSummary", "write_sample"]
