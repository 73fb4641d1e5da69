"""The models whose tables are kept in the warehouse from one night to the next, by what for."""

# What `macros/kept.sql` of the dbt project compares with what it was the last time: put by under a
# name that begins with `last_`.
PUT_BY = (
    "int_returns_in_effect",
    "int_people_in_effect",
    "int_person_inclusion_groups",
    "int_service_areas",
    "int_periods",
    "int_provisional_periods",
)
# This one stays, and dbt puts by only those of its rows that it makes anew.
UNITS = "int_described_units"
# The same for what is published and known of areas and years (`macros/kept_areas.sql`).
PUT_BY_FOR_AREAS = ("int_area_digests", "int_claims_by_year", "int_disclosure_audit")
# These stay, but for the rows of areas and years that are made anew; each with its schema.
KEPT_BY_AREA = (
    ("intermediate", "int_protected_cells"),
    ("intermediate", "int_count_claims"),
    ("intermediate", "int_audited_cells"),
    ("marts", "told_counts"),
)
