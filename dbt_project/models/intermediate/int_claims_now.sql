-- What this release would tell of each count of people, before the audit.
-- depends_on: {{ ref('int_protected_cells') }}
{{ counts_told_by('int_protected_cells') }}
