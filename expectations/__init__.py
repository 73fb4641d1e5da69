"""What good data is.

`standard` holds the types of the return standard and the registry. `rules` turns the standard into
SQL that judges returns. `gate` says whether finished tables may be published. Nothing here opens a
file of facts, imports Dagster or dbt, or computes an indicator.
"""
