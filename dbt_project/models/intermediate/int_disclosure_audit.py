"""Every hidden small count, as far as a reader could work it out from all that is published, and
the shown counts that must be hidden further: see `orchestration/disclosure/audit.py`."""


def model(dbt, session):  # noqa: ARG001, the signature is dbt's
    import os
    from pathlib import Path

    import pandas as pd

    from orchestration.disclosure.audit import audit
    from orchestration.disclosure.cells import CELL
    from orchestration.disclosure.claims import NAMES_IN_SQL, parts
    from orchestration.disclosure.geography import Geography
    from orchestration.disclosure.kept import KeptAnswers
    from orchestration.disclosure.linked import Link
    from orchestration.disclosure.part import FINDINGS
    from orchestration.disclosure.protect import Policy
    from orchestration.transform.dbt import KEPT_ANSWERS

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
    folder = os.environ.get(KEPT_ANSWERS)
    kept = KeptAnswers(Path(folder)) if folder else None
    found = audit(parts(claims, links, policy), Geography(services), policy, kept)
    whole = pd.concat([nothing, *found], ignore_index=True)[list(FINDINGS)].astype(FINDINGS)
    in_order = whole.sort_values(["subject", *CELL], ignore_index=True)
    return in_order.rename(columns=NAMES_IN_SQL)
