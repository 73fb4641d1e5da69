"""Dagster's assets and checks: thin wiring on the work functions of the other packages.

Each module here says what a step depends on and what is told of it (counts and durations, never a
row); what a step does stands in the function that it calls.
"""
