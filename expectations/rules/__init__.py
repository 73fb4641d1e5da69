"""The standard's rules, turned into SQL that judges returns.

`conversions` reads text as a type. `row_rules` lists the rules of one table as SQL predicates.
`table_judgement` puts a table's rules into one scan. `return_rules` holds the rules about a whole
return. Everything judges many returns at once: rows carry `return_no`, the number of their return
in the batch.
"""
