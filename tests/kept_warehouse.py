"""A warehouse that is kept from night to night beside one made anew: do they hold the same?"""

from __future__ import annotations

import json
import random
import shutil
from collections.abc import Iterator
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
LAKE = ("lake.people", "lake.contacts", "lake.costs", "lake.narratives")


class KeptNights:
    """Nights in which some of a sample's files come, in an order drawn by `seed`: returns, others
    in their place, some before those that they replace, and some that are rejected. `one_by_one`:
    one in each night but the first."""

    computed: tuple[str, ...] = COMPUTED
    select = "+indicator_values"

    def __init__(
        self, folder: Path, seed: int, nights: int, *, one_by_one: bool = False
    ) -> None:
        self._draw = random.Random(seed)
        self._sample = folder / "sample"
        write_sample(
            self._sample, providers=3, months=5, people=60, faults=0.03, seed=seed, as_at=AS_AT
        )
        self.inbox = folder / "inbox"
        self.settings = Settings(self.inbox, folder / "registry", folder / "build", AS_AT)
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
            self.compute()
            yield self.changed_cells()

    def let_come(self) -> None:
        """Puts the files of the next night into the inbox."""
        for path in self._files.pop(0):
            target = self.inbox / path.relative_to(self._sample / "returns")
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copytree(path, target) if path.is_dir() else shutil.copy2(path, target)

    def compute(self, *asked: str) -> None:
        """A night's work on the warehouse, with what dbt is asked beside that."""
        night = Night(self.settings)
        night.receive()
        night.judge(lambda _: None)
        night.lay_out_sources(lambda _: None)
        run_dbt(
            self.settings, "build", "--select", *self.select.split(), "--exclude",
            "resource_type:test resource_type:unit_test", *all_but(self.standing().values()),
            *asked,
        )  # fmt: skip
        warehouse.finish(self.settings)

    def standing(self) -> dict[str, str]:
        """What need not be made again, as for a refresh."""
        return standing(self.settings, json.loads(manifest(self.settings).read_bytes()))

    def changed_cells(self) -> int:
        """How many cells the last night computed anew."""
        with duckdb.connect(str(self.settings.warehouse), read_only=True) as connection:
            found = connection.execute("select count(*) from intermediate.int_cell_changes")
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

    def publish(self) -> None:
        """Keeps what the last night computed as the newest release."""
        release_id = warehouse.release(self.settings)
        assert release_id is not None
        folder = self.settings.releases / release_id
        folder.mkdir(parents=True, exist_ok=True)
        write_told_counts(self.settings.warehouse, folder / TOLD_COUNTS)
        release = KeptRelease(release_id, AS_AT, next_moment(self.settings))
        (folder / NOTE).write_text(release.note(), encoding="utf-8")

    def tables_made_anew(self, *asked: str) -> dict[str, list[tuple[object, ...]]]:
        """The same of a warehouse made from nothing, with no answer of an audit kept."""
        kept = self.settings.audit.with_name("audit-kept")
        self.settings.audit.replace(kept)
        found = super().tables_made_anew(*asked)
        shutil.rmtree(self.settings.audit)
        kept.replace(self.settings.audit)
        return found
