"""A lake of any size, as a refresh leaves it after judging, without judging so many returns.

    python -m benchmarks.make_lake county|region|nation FOLDER
    python -m benchmarks.make_lake lay-out FOLDER

A sample of twelve providers is written and judged by the real code. Then it is multiplied: copy k
has the same rows with other providers, services, areas, persons and judgements. Contacts are
multiplied, or left out, inside each return until there are as many as the size wants. What comes
out is a build folder with a lake, a ledger and a registry; `lay_out` then lays out the sources that
dbt reads.

Of what was received there are empty folders alone: nothing here can be judged anew.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import math
import shutil
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import duckdb

from benchmarks.sizes import AS_AT, SIZES, Size
from expectations.rules.sql import literal, name
from expectations.standard import MANIFEST, Registry, Table
from orchestration import state
from orchestration.facts import standard
from orchestration.intake.checksums import write_checksums
from orchestration.intake.history import INDEX as HISTORY_INDEX
from orchestration.intake.history import histories, history_file, warnings_by_history
from orchestration.intake.lake import Receipt, facts_file, lake_file
from orchestration.intake.receive import INDEX, write_whole
from orchestration.night import Night
from orchestration.rows import insert_rows
from orchestration.sample import write_sample
from orchestration.sample.registry import write_registry
from orchestration.settings import Settings
from orchestration.transform import warehouse
from orchestration.transform.sources import load_rows, write_sources

MADE = "made.json"
LAY_OUT = "lay-out"
FAULTS = 0.002


@dataclass(frozen=True)
class Copy:
    """One copy of the unit: its receipts beside those that they were made from, and the ids of
    judgements whose number another file had taken."""

    suffix: str
    receipts: tuple[tuple[Receipt, Receipt], ...]


def settings_of(folder: Path) -> Settings:
    """The settings of a folder that `make_lake` made."""
    return Settings(folder / "returns", folder / "registry", folder / "build", AS_AT)


def make_lake(size: Size, folder: Path) -> Settings:
    """Makes `folder`/registry and `folder`/build with a lake and a ledger of that size.

    Raises FileExistsError where the folder is there already.
    """
    started = time.monotonic()
    folder.mkdir(parents=True)
    unit = _judged_unit(size, folder / "unit")
    settings = settings_of(folder)
    copies = math.ceil(size.providers / size.unit_providers)
    registry = _multiplied(unit.registry, copies, size.providers)
    write_registry(registry, settings.registry)
    context = state.judging_context(settings)
    receipts, refused = unit.receipts()
    standing = {one.judgement_id for one in receipts if one.accepted} - {
        one.judgement_id for one in receipts if one.return_id in refused
    }
    made = [_copy(receipts, number, registry, context) for number in range(copies)]
    with duckdb.connect(str(folder / "unit.duckdb")) as connection:
        _load(connection, unit, standing)
        times = _times(connection, made, standing, size.contacts)
        multiplied = _contacts_of_returns(connection, times)
        made = [_with_contacts(one, multiplied) for one in made]
        for one in made:
            _write_copy(connection, settings, one, times, standing, size.is_packed)
        _write_ledger(connection, settings, unit, made, size.is_packed)
        contacts = sum(
            multiplied[before.judgement_id]
            for one in made
            for before, _ in one.receipts
            if before.judgement_id in standing
        )
    shutil.rmtree(folder / "unit")
    (folder / "unit.duckdb").unlink()
    files = [path.stat().st_size for path in settings.lake.rglob("*.parquet")]
    made_of = {
        **asdict(size),
        "returns": sum(len(one.receipts) for one in made),
        "contacts": contacts,
        "rows": sum(
            counts[0] - counts[1]
            for one in made
            for before, after in one.receipts
            if before.judgement_id in standing
            for counts in after.rows_by_table.values()
        ),
        "files": len(files),
        "lake_bytes": sum(files),
        "seconds": round(time.monotonic() - started, 1),
    }
    write_whole(folder / MADE, json.dumps(made_of, indent=1))
    return settings


def lay_out(settings: Settings) -> None:
    """Lays out the sources that dbt reads: the schemas lake, intake and registry of the warehouse.

    Unlike a refresh, it does not ask whether the judgements are those of today's rules.
    """
    night = Night(settings)
    receipts, refused = night.receipts()
    warehouse.begin(settings)
    write_sources(
        settings, standard(), night.registry, night.goals, receipts, refused, night.release_id
    )
    if any(settings.lake.glob(f"{MANIFEST}/*.parquet")):
        with warehouse.connect(settings) as connection:
            for table in standard().tables.values():
                files = sorted((settings.lake / table.name).glob("*.parquet"))
                load_rows(connection, table, files)
    warehouse.finish(settings)


def _judged_unit(size: Size, folder: Path) -> Night:
    """The sample that is multiplied, judged by the real code."""
    write_sample(
        folder,
        providers=min(size.unit_providers, size.providers),
        months=size.months,
        people=size.people,
        faults=FAULTS,
        as_at=AS_AT,
    )
    night = Night(settings_of(folder))
    night.receive()
    night.judge(lambda _: None)
    return night


def _suffix(number: int) -> str:
    """What the codes of a copy end with; the first copy has the codes of the sample, of which the
    registry's targets speak. Three digits: it stands in a link_key's hexadecimal digits too."""
    return f"{number:03d}" if number else ""


def _multiplied(unit: Registry, copies: int, providers: int) -> Registry:
    """The registry of all copies, the last one with as many providers as are still wanted."""
    made = Registry(providers={}, services={}, areas={})
    for number in range(copies):
        suffix = _suffix(number)
        wanted = list(unit.providers.values())[: providers - len(made.providers)]
        codes = {one.provider_code for one in wanted}
        for area in unit.areas.values():
            parent = area.parent_code + suffix if area.parent_code else None
            code, text = area.area_code + suffix, f"{area.area_name} {suffix}".strip()
            made.areas[code] = replace(area, area_code=code, area_name=text, parent_code=parent)
        for provider in wanted:
            code, text = provider.provider_code + suffix, f"{provider.provider_name} {suffix}"
            made.providers[code] = replace(provider, provider_code=code, provider_name=text.strip())
        for service in unit.services.values():
            if service.provider_code in codes:
                code = service.service_code + suffix
                made.services[code] = replace(
                    service,
                    service_code=code,
                    provider_code=service.provider_code + suffix,
                    place_code=service.place_code + suffix,
                )
    return made


def _copy(receipts: Sequence[Receipt], number: int, registry: Registry, context: str) -> Copy:
    suffix = _suffix(number)
    pairs = []
    for one in receipts:
        code = one.provider_code + suffix
        if code not in registry.providers:
            continue
        content = hashlib.sha256(f"{one.content}{suffix}".encode()).hexdigest()
        inbox = one.inbox + suffix
        return_id = hashlib.sha256(f"{inbox.lower()}\0{content}".encode()).hexdigest()[:16]
        identity = f"{return_id}\0{context}\0{one.judged_open}"
        made = replace(
            one,
            return_id=return_id,
            judgement_id=hashlib.sha256(identity.encode()).hexdigest()[:16],
            inbox=inbox,
            source_name=one.source_name.replace(one.provider_code, code, 1),
            content=content,
            context=context,
            provider_code=code,
        )
        pairs.append((one, made))
    return Copy(suffix, tuple(pairs))


def _load(connection: duckdb.DuckDBPyConnection, unit: Night, standing: set[str]) -> None:
    """The unit's rows as tables unit_<table>, and what its ledger holds of each judgement."""
    lake, ledger = unit.settings.lake, unit.settings.ledger
    for table in standard().tables:
        files = literal(str(lake / table / "*" / "*" / "*" / "*.parquet"))
        connection.execute(
            f"create table {name('unit_' + table)} as "
            f"select * from read_parquet({files}, hive_partitioning = false) "
            "order by judgement_id, row_number"
        )
    for kind in ("failures", "facts"):
        files = literal(str(ledger / kind / "*.parquet"))
        connection.execute(
            f"create table unit_{kind} as "
            f"select * from read_parquet({files}, hive_partitioning = false)"
        )
    found = connection.execute("select distinct judgement_id from unit_return").fetchall()
    assert {row[0] for row in found} == standing


def _times(
    connection: duckdb.DuckDBPyConnection,
    copies: Sequence[Copy],
    standing: set[str],
    wanted: int,
) -> float:
    """How often each contact of the unit must come, for as many as are wanted in all copies."""
    counted: dict[str, int] = dict(
        connection.execute(
            "select judgement_id, count(*) from unit_contacts group by judgement_id"
        ).fetchall()
    )
    there = sum(
        counted.get(before.judgement_id, 0)
        for one in copies
        for before, _ in one.receipts
        if before.judgement_id in standing
    )
    return float(wanted / there)


def _copies_of_contact(times: float) -> str:
    """SQL: how often a contact comes, by its row, so that it comes `times` on the average."""
    whole = math.floor(times)
    return f"{whole} + cast(row_number * 617 % 1000 < {round((times - whole) * 1000)} as integer)"


def _contacts_of_returns(connection: duckdb.DuckDBPyConnection, times: float) -> dict[str, int]:
    """How many contacts each judgement of the unit will have, by judgement_id."""
    return dict(
        connection.execute(
            f"select judgement_id, cast(sum({_copies_of_contact(times)}) as bigint) "
            "from unit_contacts group by judgement_id"
        ).fetchall()
    )


def _with_contacts(one: Copy, contacts: dict[str, int]) -> Copy:
    """The copy, its receipts with as many contacts as there will be."""
    pairs = []
    for before, after in one.receipts:
        made = after
        if before.judgement_id in contacts:
            received, excluded = before.rows_by_table["contacts"]
            more = contacts[before.judgement_id] - (received - excluded)
            made = replace(
                after,
                rows_received=after.rows_received + more,
                rows_by_table=after.rows_by_table | {"contacts": [received + more, excluded]},
            )
        pairs.append((before, made))
    return Copy(one.suffix, tuple(pairs))


def _write_copy(
    connection: duckdb.DuckDBPyConnection,
    settings: Settings,
    one: Copy,
    times: float,
    standing: set[str],
    is_packed: bool,
) -> None:
    """Writes the rows of one copy into the lake."""
    connection.execute(
        "create or replace table judgements "
        "(unit_id varchar, made_id varchar, provider varchar, place integer)"
    )
    # The rows of a provider lie together, month by month, as they came.
    pairs = sorted(
        ((before, after) for before, after in one.receipts if before.judgement_id in standing),
        key=lambda pair: (pair[1].provider_code, pair[1].period, pair[1].submission_no),
    )
    rows = [
        (before.judgement_id, after.judgement_id, after.provider_code, place)
        for place, (before, after) in enumerate(pairs)
    ]
    insert_rows(connection, "judgements", rows)
    by_id = {after.judgement_id: after for _, after in pairs}
    for table in standard().tables.values():
        aside = settings.aside / table.name
        aside.mkdir(parents=True)
        rows_sql = _rows_of_copy(table, one.suffix, times)
        if is_packed:
            # A file for each copy and table: the rows of its providers, one after the other.
            (settings.lake / table.name).mkdir(parents=True, exist_ok=True)
            target = settings.lake / table.name / f"copy{one.suffix or '000'}.parquet"
            connection.execute(f"copy ({rows_sql}) to {literal(str(target))} {_parquet()}")
        else:
            connection.execute(
                f"copy ({rows_sql}) to {literal(str(aside))} "
                f"{_parquet('partition_by (judgement_id), write_partition_columns true')}"
            )
            for path in aside.glob("judgement_id=*/*.parquet"):
                receipt = by_id[path.parent.name.removeprefix("judgement_id=")]
                target = lake_file(settings.lake, table.name, receipt)
                target.parent.mkdir(parents=True, exist_ok=True)
                path.replace(target)
        shutil.rmtree(aside)


def _parquet(more: str = "") -> str:
    return f"(format parquet, compression zstd{', ' + more if more else ''})"


def _rows_of_copy(table: Table, suffix: str, times: float) -> str:
    """SQL for the rows of one table of a copy, in the lake's columns."""
    columns = ["judgements.made_id as judgement_id"]
    is_multiplied = table.name == "contacts"
    if is_multiplied:
        # Room for the copies of a row beside it, so that row numbers stay distinct.
        columns.append(f"unit_row.row_number * {math.ceil(times)} + again as row_number")
    else:
        columns.append("unit_row.row_number")
    for field in table.fields:
        own = f"unit_row.{name(field.name)}"
        if field.name in ("provider_code", "service_code"):
            own = f"{own} || {literal(suffix)}"
        elif field.name == "link_key":
            own = f"left({own}, {64 - len(suffix)}) || {literal(suffix)}"
        elif field.name == "contact_id" and is_multiplied:
            own = f"{own} || case when again > 0 then '-' || again else '' end"
        columns.append(f"{own} as {name(field.name)}")
    source = f"{name('unit_' + table.name)} as unit_row"
    if is_multiplied:
        source = (
            f"(select unnest(range({_copies_of_contact(times)})) as again, * from unit_contacts) "
            "as unit_row"
        )
    return (
        f"select {', '.join(columns)} from {source} "
        "inner join judgements on unit_row.judgement_id = judgements.unit_id "
        "order by judgements.place, row_number"
    )


def _write_ledger(
    connection: duckdb.DuckDBPyConnection,
    settings: Settings,
    unit: Night,
    copies: Sequence[Copy],
    is_packed: bool,
) -> None:
    """Writes receipts, failures, facts, checksums and histories, and notes what was received."""
    ledger = settings.ledger
    for folder in ("receipts", "failures", "facts", "history"):
        (ledger / folder).mkdir(parents=True, exist_ok=True)
    index = {}
    for one in copies:
        for _, made in one.receipts:
            write_whole(
                ledger / "receipts" / f"{made.return_id}.json", json.dumps(asdict(made), indent=1)
            )
            (settings.received / made.inbox / made.return_id).mkdir(parents=True, exist_ok=True)
            index[f"{made.inbox}/{made.source_name}/{made.return_id}"] = {
                "return_id": made.return_id,
                "inbox": made.inbox,
                "name": made.source_name,
                "content": made.content,
                "received_at": made.received_at,
                "stamp": made.content,
            }
    settings.returns.mkdir(exist_ok=True)
    write_whole(ledger / INDEX, json.dumps(index, indent=1, sort_keys=True))
    _write_histories(connection, settings, unit, copies)
    for one in copies:
        _write_findings(connection, settings, one, with_facts=not is_packed)
        if not is_packed:
            for _, made in one.receipts:
                files = {
                    table: path
                    for table in standard().tables
                    if (path := lake_file(settings.lake, table, made)).exists()
                }
                if files:
                    write_checksums(ledger, made.judgement_id, files)


def _write_findings(
    connection: duckdb.DuckDBPyConnection, settings: Settings, one: Copy, with_facts: bool
) -> None:
    """The failures of the copy's judgements and, where wanted, the facts for months to come."""
    connection.execute(
        "create or replace table judgements "
        "(unit_id varchar, made_id varchar, provider varchar, source varchar)"
    )
    rows = [
        (before.judgement_id, after.judgement_id, after.provider_code, after.source_name)
        for before, after in one.receipts
    ]
    insert_rows(connection, "judgements", rows)
    changed = {
        "failures": "made_id as judgement_id, provider as provider_code, source as source_name",
        "facts": "made_id as judgement_id",
    }
    for kind, columns in changed.items():
        if kind == "facts" and not with_facts:
            continue
        aside = settings.aside / kind
        aside.mkdir(parents=True)
        connection.execute(
            f"copy (select unit_{kind}.* replace ({columns}) from unit_{kind} "
            f"inner join judgements on unit_{kind}.judgement_id = judgements.unit_id "
            f"order by made_id, row_number) to {literal(str(aside))} "
            "(format parquet, partition_by (judgement_id), write_partition_columns true)"
        )
        for path in aside.glob("judgement_id=*/*.parquet"):
            made_id = path.parent.name.removeprefix("judgement_id=")
            target = (
                facts_file(settings.ledger, made_id)
                if kind == "facts"
                else settings.ledger / kind / f"{made_id}.parquet"
            )
            path.replace(target)
        shutil.rmtree(aside)


def _write_histories(
    connection: duckdb.DuckDBPyConnection,
    settings: Settings,
    unit: Night,
    copies: Sequence[Copy],
) -> None:
    """What was found by comparing returns with the months before: as the unit's own were."""
    receipts, refused = unit.receipts()
    found = warnings_by_history(unit.settings.ledger)
    of_unit = {one.receipt.judgement_id: one.history_id for one in histories(receipts, refused)}
    warnings = {}
    for one in copies:
        back = {after.judgement_id: before for before, after in one.receipts}
        refused_here = {
            after.return_id for before, after in one.receipts if before.return_id in refused
        }
        made = [after for _, after in one.receipts]
        for history in histories(made, refused_here):
            receipt = history.receipt
            before = of_unit[back[receipt.judgement_id].judgement_id]
            warnings[history.history_id] = found[before]
            source = history_file(unit.settings.ledger, before)
            if source.exists():
                target = history_file(settings.ledger, history.history_id)
                connection.execute(
                    f"copy (select * replace ({literal(receipt.judgement_id)} as judgement_id, "
                    f"{literal(receipt.provider_code)} as provider_code, "
                    f"{literal(receipt.source_name)} as source_name) "
                    f"from read_parquet({literal(str(source))}, hive_partitioning = false)) "
                    f"to {literal(str(target))} (format parquet)"
                )
    write_whole(settings.ledger / HISTORY_INDEX, json.dumps(warnings, indent=0))


def main() -> None:
    """Makes a lake and says what it holds, or lays out the sources of one that is there."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("what", choices=(*SIZES, LAY_OUT))
    parser.add_argument("folder", type=Path)
    given = parser.parse_args()
    folder = given.folder.absolute()
    if given.what == LAY_OUT:
        lay_out(settings_of(folder))
        return
    make_lake(SIZES[given.what], folder)
    print((folder / MADE).read_text(encoding="utf-8"))


if __name__ == "__main__":
    main()
