"""The audit of disclosure control: what a reader could work out of the counts that are hidden.

Plain functions over arrays: which sums hold between published counts, and which counts fit them.
What a refresh does with the answer is not built yet: see `docs/decisions/audit.md`.
"""
