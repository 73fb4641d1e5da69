"""Every hidden small count, as far as a reader could work it out from all that is published, and
the shown counts that must be hidden further: see `orchestration/disclosure/audit.py`."""


def model(dbt, session):
    import os
    from pathlib import Path

    import pandas as pd

    from orchestration.disclosure.audit import audit
    from orchestration.disclosure.cells import CELL
    from orchestration.disclosure.claims import NAMES_IN_SQL, families_to_audit, parts
    from orchestration.disclosure.digests import of_audit
    from orchestration.disclosure.geography import Geography
    from orchestration.disclosure.kept import KeptAnswers
    from orchestration.disclosure.last_audit import last_findings
    from orchestration.disclosure.linked import Link
    from orchestration.disclosure.part import FINDINGS
    from orchestration.disclosure.protect import Policy
    from orchestration.transform.dbt import KEPT_ANSWERS

    dbt.config(materialized="table")
    claims = dbt.ref("int_told_claims")
    by_year = dbt.ref("int_claims_by_year_changes")
    release = dbt.ref("stg_intake__refresh").project("release_id").fetchall()
    told_last = dbt.ref("stg_intake__last_told_by").filter("is_last_night").project("release_id")
    # The areas are called by their types.
    services = (
        dbt.ref("int_service_geography")
        .df()
        .rename(columns=lambda name: name.removesuffix("_code"))
    )
    policies = dbt.ref("int_disclosure_policy").df()
    nothing = pd.DataFrame({name: pd.Series(dtype=kind) for name, kind in FINDINGS.items()})
    # Switched off, or nothing to audit (with `dbt build --empty` not even settings).
    if not dbt.config.get("disclosure_audit") or not by_year.limit(1).fetchall():
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
    geography = Geography(services)
    folder = os.environ.get(KEPT_ANSWERS)
    last = next((row[0] for row in told_last.fetchall()), None)
    kept = KeptAnswers(Path(folder), release[0][0], last) if folder else None
    # What the last audit found of the same is there already.
    families = families_to_audit(by_year, links)
    of_last = last_findings(session)
    of_all = of_audit(geography, policy)
    carried = [
        family
        for family in families
        if kept and of_last and not family.is_changed and kept.can_carry(family.key, of_all)
    ]
    others = [family for family in families if family not in carried]
    found = audit(parts(claims, others, links), geography, policy, kept)
    whole = pd.concat([nothing, *found], ignore_index=True)[list(FINDINGS)].astype(FINDINGS)
    in_order = whole.sort_values(["subject", *CELL], ignore_index=True)
    anew = in_order.rename(columns=NAMES_IN_SQL)
    return of_last.beside(anew, carried) if of_last and carried else anew
