"""The measures and the indicators once more, by the same dbt models, on Spark: `outcomes spark`.

The packages come with the extra `spark`. docs/operators/scale.md says what a cluster needs.
"""
