-- What this release tells of each count of people, after the audit.
-- A view, since one model alone reads it: to write it down takes longer than to work it out.
{{ config(materialized='view') }}
-- depends_on: {{ ref('int_audited_cells') }}
{{ counts_told_by('int_audited_cells') }}
