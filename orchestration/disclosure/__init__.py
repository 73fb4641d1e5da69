"""The audit of disclosure control: what a reader could work out of the counts that are hidden.

Plain functions over arrays: which sums hold between published counts, which counts fit them, and
what must be hidden further: see `docs/decisions/audit.md`.
"""
