-- What this release would tell of each count of people, before the audit.
-- A view, since one model alone reads it: to write it down takes longer than to work it out.
{{ config(materialized='view') }}
-- depends_on: {{ ref('int_protected_cells') }}
{{ counts_told_by('int_protected_cells') }}
