"""An empty return as a workbook, made from the standard's facts.

`workbook` lays out the sheets and writes the file; `cells` says what a field's column takes;
`cards` puts text beside the tables without putting it into cells.
"""
