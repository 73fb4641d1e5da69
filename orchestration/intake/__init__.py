"""From inbox to lake: receive, read, judge, keep.

`receive` notices returns and keeps them as they came. `read` and its two formats turn a return into
tables of text. `load` puts many returns' text tables into DuckDB at once. `judge` runs the rules of
`expectations.rules` over them. `lake` keeps accepted rows, failures and receipts.
"""
