"""A warehouse that is kept from night to night beside one made anew: do they hold the same?"""

from __future__ import annotations

import csv
import json
import os
import random
import shutil
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path

import duckdb

from orchestration.night import Night
from orchestration.publish.data_files import write_told_counts
from orchestration.release_store import NOTE, KeptRelease, next_moment
from orchestration.sample import write_sample
from orchestration.settings import TOLD_COUNTS, Settings
from orchestration.transform import warehouse
from orchestration.transform.dbt import manifest
from orchestration.transform.standing import all_but, standing
from tests.warehouse import run_dbt

AS_AT = date(2026, 4, 15)
COMPUTED = (
    "marts.measure_values",
    "marts.indicator_values",
    "intermediate.int_contact_counts",
    "intermediate.int_paired_assessments",
    "intermediate.int_measure_units",
    "intermediate.int_described_units",
)
# What is published, and what is known of it.
PUBLISHED = (
    "intermediate.int_published_cells",
    "intermediate.int_protected_cells",
    "intermediate.int_count_claims",
    "intermediate.int_disclosure_audit",
    "intermediate.int_audited_cells",
    "marts.published_indicators",
    "marts.disclosure_audit",
    "marts.told_counts",
)
# The provider of the sample whose returns are folders of CSV files, to be sent again with changes.
AGAIN = "AB01"
LAKE = ("lake.people", "lake.contacts", "lake.costs", "lake.narratives")

Tables = dict[str, list[dict[str, str]]]


class KeptNights:
    """Nights in which some of a sample's files come, in an order drawn by `seed`: returns, others
    in their place, some before those that they replace, and some that are rejected. `one_by_one`:
    one in each night but the first."""

    computed: tuple[str, ...] = COMPUTED
    select = "+indicator_values"
    as_at = AS_AT
    # What dbt is asked each night, beside that.
    asked: tuple[str, ...] = ()

    def __init__(
        self,
        folder: Path,
        seed: int,
        nights: int,
        faults: float = 0.03,
        *,
        one_by_one: bool = False,
    ) -> None:
        self._draw = random.Random(seed)
        self._sample = folder / "sample"
        write_sample(
            self._sample,
            providers=3,
            months=5,
            people=60,
            faults=faults,
            seed=seed,
            as_at=self.as_at,
        )
        self.inbox = folder / "inbox"
        self.settings = Settings(self.inbox, folder / "registry", folder / "build", self.as_at)
        shutil.copytree(self._sample / "registry", self.settings.registry)
        files = sorted(path for path in (self._sample / "returns").glob("*/*"))
        self._draw.shuffle(files)
        self._files = [files[night::nights] for night in range(nights)]
        if one_by_one:
            # All but a few come in the first night.
            self._files = [files[: 1 - nights], *([path] for path in files[1 - nights :])]

    def nights(self) -> Iterator[int]:
        """Lets the files of each night come, and computes on the warehouse that is kept; gives how
        many cells were computed anew."""
        for _ in range(len(self._files)):
            self.let_come()
            self.compute(*self.asked)
            yield self.changed_cells()

    def let_come(self, held: str | None = None) -> None:
        """Puts the files of the next night into the inbox; the one that is held comes a night
        later."""
        files = self._files.pop(0)
        if held is not None:
            self._files.insert(0, [self._sample / "returns" / held])
        for path in files:
            if held is not None and path == self._sample / "returns" / held:
                continue
            target = self.inbox / path.relative_to(self._sample / "returns")
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copytree(path, target) if path.is_dir() else shutil.copy2(path, target)

    def send_again(
        self,
        month: str,
        submission_no: int,
        change: Callable[[Tables], None] = lambda _: None,
        like: str | None = None,
        minutes_ago: int = 0,
    ) -> None:
        """Puts a return of `AGAIN` into the inbox, which is what `change` makes of the sample's, or
        of that of another month (`like`)."""
        source = self._sample / "returns" / AGAIN / (like or month)
        columns, tables = {}, {}
        for path in sorted(source.glob("*.csv")):
            with path.open(encoding="utf-8", newline="") as file:
                rows = csv.DictReader(file)
                tables[path.stem] = list(rows)
                columns[path.stem] = rows.fieldnames or ()
        tables["return"][0] |= {"period": month, "submission_no": str(submission_no)}
        change(tables)
        target = self.inbox / AGAIN / f"{month} no {submission_no}, {minutes_ago} minutes ago"
        target.mkdir(parents=True)
        for table, changed in tables.items():
            path = target / f"{table}.csv"
            with path.open("w", encoding="utf-8", newline="") as file:
                writer = csv.DictWriter(file, columns[table])
                writer.writeheader()
                writer.writerows(changed)
        moment = target.stat().st_mtime - 60 * minutes_ago
        os.utime(target, (moment, moment))

    def compute(self, *asked: str) -> None:
        """A night's work on the warehouse, with what dbt is asked beside that."""
        night = Night(self.settings)
        night.receive()
        night.judge(lambda _: None)
        night.lay_out_sources(lambda _: None)
        self.run_models(*asked)
        warehouse.finish(self.settings)

    def run_models(self, *asked: str) -> None:
        """Has dbt make what is computed, on the sources that are laid out."""
        run_dbt(
            self.settings, "build", "--select", *self.select.split(), "--exclude",
            "resource_type:test resource_type:unit_test", *all_but(self.standing().values()),
            *asked,
        )  # fmt: skip

    def standing(self) -> dict[str, str]:
        """What need not be made again, as for a refresh."""
        return standing(self.settings, json.loads(manifest(self.settings).read_bytes()))

    def changed_cells(self) -> int:
        """How many cells the last night computed anew."""
        with duckdb.connect(str(self.settings.warehouse), read_only=True) as connection:
            found = connection.execute("select count(*) from intermediate.int_cell_changes")
            return int(found.fetchall()[0][0])

    def touched(self) -> int | None:
        """How many persons the last night described anew; None where everybody."""
        with duckdb.connect(str(self.settings.warehouse), read_only=True) as connection:
            found = connection.execute(
                "select case when count(*) = count(person_key) then count(*) end "
                "from intermediate.int_touched_persons"
            )
            touched: int | None = found.fetchall()[0][0]
            return touched

    def persons(self) -> int:
        """How many persons there are."""
        with duckdb.connect(str(self.settings.warehouse), read_only=True) as connection:
            found = connection.execute("select count(*) from intermediate.int_persons")
            return int(found.fetchall()[0][0])

    def tables(self) -> dict[str, list[tuple[object, ...]]]:
        """The rows of all that is computed, and of the lake, in one order."""
        with duckdb.connect(str(self.settings.warehouse), read_only=True) as connection:
            return {
                table: connection.execute(f"select * from {table} order by all").fetchall()
                for table in (*self.computed, *LAKE)
            }

    def tables_made_anew(self, *asked: str) -> dict[str, list[tuple[object, ...]]]:
        """The same of a warehouse made from nothing, with what dbt is asked beside that; the
        kept one stays as it is."""
        kept = self.settings.warehouse.with_name("kept.duckdb")
        self.settings.warehouse.replace(kept)
        self.compute(*asked)
        found = self.tables()
        kept.replace(self.settings.warehouse)
        return found


class PublishedNights(KeptNights):
    """Such nights, with all that is published of what they compute. What a night told is kept as a
    release's, once it is published."""

    computed = PUBLISHED
    select = "+published_indicators +disclosure_audit +told_counts"
    # Its months lie in two financial years, of which a return changes the one or the other.
    as_at = date(2026, 6, 15)

    def damage_answers(self) -> dict[str, bytes]:
        """Damages all answers that are kept of the last audit, so that none of them can be read;
        gives what they are then, by name."""
        answers = list(self.settings.audit.glob("*.parquet"))
        for path in answers:
            path.write_bytes(path.read_bytes()[:-1])
        return {path.name: path.read_bytes() for path in answers}

    def answers(self) -> dict[str, bytes]:
        """The answers that are kept of the last audit, by name."""
        return {path.name: path.read_bytes() for path in self.settings.audit.glob("*.parquet")}

    def publish(self) -> None:
        """Keeps what the last night computed as the newest release."""
        release_id = warehouse.release(self.settings)
        assert release_id is not None
        folder = self.settings.releases / release_id
        folder.mkdir(parents=True, exist_ok=True)
        write_told_counts(self.settings.warehouse, folder / TOLD_COUNTS)
        release = KeptRelease(release_id, self.as_at, next_moment(self.settings))
        (folder / NOTE).write_text(release.note(), encoding="utf-8")

    def tables_made_anew(self, *asked: str) -> dict[str, list[tuple[object, ...]]]:
        """The same of a warehouse made from nothing, with no answer of an audit kept."""
        kept = self.settings.audit.with_name("audit-kept")
        self.settings.audit.replace(kept)
        found = super().tables_made_anew(*asked)
        shutil.rmtree(self.settings.audit)
        kept.replace(self.settings.audit)
        return found
