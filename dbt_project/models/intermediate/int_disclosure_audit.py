"""Every hidden small count, as far as a reader could work it out from all that is published, and
the shown counts that must be hidden further: see `orchestration/disclosure/audit.py`."""

COLUMNS = {
    "subject": "string",
    "period_type": "string",
    "period_start": "datetime64[us]",
    "area_type": "string",
    "area_code": "string",
    "breakdown_type": "string",
    "breakdown_value": "string",
    "is_small": "bool",
    "is_suppressed_further": "bool",
    "is_exposed": "bool",
    "was_told_before": "bool",
    "at_least": "float64",
    "at_most": "float64",
    "sums_hold": "bool",
}

# `least` and `most` are functions of SQL, and no names of columns there.
NAMES_IN_SQL = {"least": "at_least", "most": "at_most"}
NAMES = {"at_least": "least", "at_most": "most"}


def model(dbt, session):  # noqa: ARG001, the signature is dbt's
    import pandas as pd

    from orchestration.disclosure.audit import Part, audit
    from orchestration.disclosure.geography import Geography
    from orchestration.disclosure.protect import Policy
    from orchestration.disclosure.sums import Subject

    dbt.config(materialized="table")
    claims = dbt.ref("int_count_claims")
    # The areas are called by their types.
    services = (
        dbt.ref("int_service_geography")
        .df()
        .rename(columns=lambda name: name.removesuffix("_code"))
    )
    policies = dbt.ref("int_disclosure_policy").df()
    nothing = pd.DataFrame({name: pd.Series(dtype=kind) for name, kind in COLUMNS.items()})
    # Switched off, or nothing to audit (with `dbt build --empty` not even settings).
    if not dbt.config.get("disclosure_audit") or not claims.limit(1).fetchall():
        return nothing
    settings = policies.iloc[0]
    policy = Policy(
        smallest=int(settings["smallest_shown_count"]),
        possible=int(settings["least_possible_counts"]),
    )
    small = f"exact between 1 and {policy.smallest - 1} and not is_shown"
    kinds = claims.aggregate(
        f"subject, over_areas, over_time, financial_year, bool_or({small}) as has_small"
    )
    wanted = kinds.filter("has_small").order("subject, financial_year").fetchall()
    parts = []
    for subject, over_areas, over_time, financial_year, _ in wanted:
        of_part = f"subject = '{subject}' and financial_year = '{financial_year}'"
        rows = claims.filter(of_part).order("all").df().rename(columns=NAMES)
        parts.append(Part(Subject(subject, over_areas, over_time), rows))
    found = [
        rows.assign(subject=part.subject.name).rename(columns=NAMES_IN_SQL)
        for part, rows in zip(parts, audit(parts, Geography(services), policy), strict=True)
    ]
    return pd.concat([nothing, *found], ignore_index=True)[list(COLUMNS)].astype(COLUMNS)
