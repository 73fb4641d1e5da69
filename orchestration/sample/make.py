"""Writes a whole sample: a registry and the returns of every provider."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path

import numpy as np

from orchestration.facts import standard
from orchestration.private import make_private
from orchestration.sample.faults import spoil
from orchestration.sample.registry import sample_registry, write_registry
from orchestration.sample.returns import CONTACTS_KEPT, Shelf, in_fitting_form, sheets_of
from orchestration.sample.situations import Twist, plan_post
from orchestration.sample.tables import make_tables
from orchestration.sample.window import window_before
from orchestration.sample.writing import write_broken, write_return


@dataclass(frozen=True)
class SampleSummary:
    """What was written: counts. `files` are the returns as sent, with those sent again and those
    that will be rejected; `rows` are the rows of the tables of all expected returns, each once;
    `faulty_rows` of them have a fault."""

    providers: int
    services: int
    months: int
    people: int
    expected: int
    files: int
    missing: int
    resubmitted: int
    rejected: int
    rows: int
    contacts: int
    faulty_rows: int


def write_sample(
    destination: Path,
    *,
    providers: int = 12,
    months: int = 24,
    people: int = 1500,
    faults: float = 0.0,
    seed: int = 1,
    as_at: date = date(2026, 4, 15),
) -> SampleSummary:
    """Writes `destination`/returns/<provider_code>/<return> and `destination`/registry/.

    The months are the last `months` that have ended by `as_at`; `people` are all who are ever seen
    in them. With `faults` above 0 about that share of rows is spoilt and some returns are missing,
    rejected or sent again. The same arguments give the same bytes and file times.

    Raises ValueError for arguments that make no sample, FileExistsError where there is one already.
    """
    _check(providers=providers, months=months, people=people, faults=faults, seed=seed)
    returns, register = destination / "returns", destination / "registry"
    for folder in (returns, register):
        if folder.exists() and any(folder.iterdir()):
            raise FileExistsError(f"{folder} holds something already; choose a new folder")
    facts, window = standard(), window_before(as_at, months)
    registry = sample_registry(providers, window.months[0])
    tables = make_tables(seed, facts, window, registry, people)
    clean = Shelf.of(tables, providers * months)
    everybody = list(registry.registry.providers.values())
    post = plan_post(seed, everybody, window, as_at, faults > 0)
    sendings = [in_fitting_form(each, clean.size(each.place)) for each in post.sendings]
    spoilt, faulty_rows = clean, 0
    if faults:
        is_csv = np.zeros(providers * months, dtype=bool)
        is_csv[[each.place for each in sendings if each.style.form != "xlsx"]] = True
        kept = np.ones(providers * months)
        for each in sendings:
            kept[each.place] = min(kept[each.place], CONTACTS_KEPT.get(each.twist, 1.0))
        with_faults, faulty_rows = spoil(
            seed, facts, window, tables, is_csv=is_csv, kept=kept, share=faults
        )
        spoilt = Shelf.of(with_faults, providers * months)

    write_registry(registry.registry, register)
    make_private(returns)
    for provider in everybody:
        (returns / provider.provider_code).mkdir(parents=True, exist_ok=True)
    for sending in sendings:
        sheets = sheets_of(seed, facts, spoilt if sending.spoilt else clean, sending)
        path = returns / sending.inbox / sending.name
        write = write_broken if sending.twist is Twist.UNREADABLE else write_return
        write(path, sheets, sending.style, sending.when)
    return SampleSummary(
        providers=providers,
        services=len(registry.registry.services),
        months=months,
        people=people,
        expected=post.expected,
        files=len(sendings),
        missing=post.missing,
        resubmitted=post.resubmitted,
        rejected=post.rejected,
        rows=sum(len(cells) for cells in tables.values()),
        contacts=len(tables["contacts"]),
        faulty_rows=faulty_rows,
    )


def _check(*, providers: int, months: int, people: int, faults: float, seed: int) -> None:
    least = {"providers": (providers, 1), "months": (months, 1), "people": (people, 1)}
    for name, (value, minimum) in {**least, "seed": (seed, 0)}.items():
        if value < minimum:
            raise ValueError(f"{name} is {value}, expected {minimum} or more")
    if not 0 <= faults < 1:
        raise ValueError(f"faults is {faults}, expected a share from 0 to less than 1")
