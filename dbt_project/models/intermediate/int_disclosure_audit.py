"""Every hidden small count, as far as a reader could work it out from all that is published, and
the shown counts that must be hidden further: see `orchestration/disclosure/audit.py`."""

# `least` and `most` are functions of SQL, and no names of columns there.
NAMES_IN_SQL = {"least": "at_least", "most": "at_most"}
NAMES = {in_sql: name for name, in_sql in NAMES_IN_SQL.items()}


def model(dbt, session):  # noqa: ARG001, the signature is dbt's
    import pandas as pd

    from orchestration.disclosure.audit import FINDINGS, Part, audit
    from orchestration.disclosure.cells import CELL
    from orchestration.disclosure.geography import Geography
    from orchestration.disclosure.linked import Link, families
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
    nothing = pd.DataFrame({name: pd.Series(dtype=kind) for name, kind in FINDINGS.items()})
    # Switched off, or nothing to audit (with `dbt build --empty` not even settings).
    if not dbt.config.get("disclosure_audit") or not claims.limit(1).fetchall():
        return nothing.rename(columns=NAMES_IN_SQL)
    settings = policies.iloc[0]
    links = [
        Link(part, whole, rest or None)
        for part, whole, rest in dbt.ref("int_count_links").order("all").fetchall()
    ]
    policy = Policy(
        smallest=int(settings["smallest_shown_count"]),
        possible=int(settings["least_possible_counts"]),
    )
    small = f"exact between 1 and {policy.smallest - 1} and not is_shown"
    kinds = claims.aggregate(
        f"financial_year, subject, over_areas, over_time, bool_or({small}) as has_small"
    )
    by_year = {}
    for year, subject, over_areas, over_time, has_small in kinds.order("all").fetchall():
        by_year.setdefault(year, {})[subject] = (Subject(subject, over_areas, over_time), has_small)
    parts = []
    for year, subjects in by_year.items():
        for family in families(list(subjects), links):
            if not any(subjects[name][1] for name in family):
                continue
            names = ", ".join(f"'{name}'" for name in family)
            of_part = f"financial_year = '{year}' and subject in ({names})"
            rows = claims.filter(of_part).order("all").df().rename(columns=NAMES)
            parts.append(Part([subjects[name][0] for name in family], links, rows))
    found = audit(parts, Geography(services), policy)
    whole = pd.concat([nothing, *found], ignore_index=True)[list(FINDINGS)].astype(FINDINGS)
    in_order = whole.sort_values(["subject", *CELL], ignore_index=True)
    return in_order.rename(columns=NAMES_IN_SQL)
