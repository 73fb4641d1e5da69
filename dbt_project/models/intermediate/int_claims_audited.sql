-- What this release tells of each count of people, after the audit.
-- depends_on: {{ ref('int_audited_cells') }}
{{ counts_told_by('int_audited_cells') }}
