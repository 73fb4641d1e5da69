"""The way from inbox to site: reading returns, the lake, running dbt, the gate, publishing.

Work is plain typed functions; Dagster (`orchestration.definitions`) and the command line
(`orchestration.cli`) are thin wiring on top of them. No rule of the standard and no indicator's
definition lives here.
"""
