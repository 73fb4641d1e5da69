"""Writing the providers' reports: a folder each, whole or not at all, and only where it changed.

In a folder's `.digest` stands what the report and each of its parts was made of. A part whose
digest is the same is taken over from the folder that is there, so that a provider's own file is
marked once for each judgement, however often the report around it is written.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from urllib.parse import quote

from expectations.standard import Registry, Standard
from orchestration.facts import Catalogue
from orchestration.registry import CODE
from orchestration.reports.cell_failures import CellFailure
from orchestration.reports.failing import Shifts, submission_before
from orchestration.reports.marking import FileToMark, Marked, mark_files
from orchestration.reports.months import last_months
from orchestration.reports.pages import FileBack, Pages, about
from orchestration.reports.records import ProviderRecord, Submission, Warehouse
from orchestration.settings import Settings
from orchestration.state import digest_of_files

FOLDER = "providers"
DIGEST = ".digest"
PAGE = "index.html"
MADE_BY = (
    "seeds",
    "site/provider_report",
    "site/theme",
    "expectations",
    "orchestration/facts.py",
    "orchestration/publish/words.py",
    "orchestration/reports",
    "orchestration/spreadsheets.py",
)
# Providers whose rows are laid out together.
LOT = 50

MarkFiles = Callable[[Sequence[FileToMark], Standard], Mapping[str, Marked]]


@dataclass(frozen=True)
class Written:
    """What is known of a report that is there: the digest of the whole, and for each submission's
    folder those of its page and of its file back."""

    report: str
    pages: dict[str, str]
    files: dict[str, str]


@dataclass(frozen=True)
class Work:
    """One report to be written: where, from what, and what is there already."""

    record: ProviderRecord
    folder: Path
    digest: str
    old: Written


def write_reports(
    settings: Settings,
    standard: Standard,
    catalogue: Catalogue,
    registry: Registry,
    files: Mapping[str, Path],
    say: Callable[[str], None],
    mark: MarkFiles = mark_files,
) -> int:
    """Writes the report of every provider, and of every other inbox, where anything in it changed;
    gives how many were written.

    `files` gives the kept file of a submission by its judgement_id; `mark`, what marks it, for
    tests. Raises duckdb.Error where the warehouse cannot be read.
    """
    folder = settings.build / FOLDER
    made_by = digest_of_files(MADE_BY)
    with Warehouse(settings.warehouse) as warehouse:
        records = warehouse.providers(registry)
        places = report_folders([record.code for record in records], registry)
        shifts = Shifts(catalogue)
        pages = Pages(standard, catalogue, warehouse.as_at)
        work = []
        for record in records:
            place = folder / places[record.code]
            digest = _report_digest(record, made_by, str(last_months(warehouse.as_at)[0]), files)
            old = _written(place)
            if old.report != digest:
                work.append(Work(record, place, digest, old))
        aside = settings.aside / FOLDER
        shutil.rmtree(aside, ignore_errors=True)
        failed: list[Exception] = []
        for start in range(0, len(work), LOT):
            lot = work[start : start + LOT]
            warehouse.gather(one.record.code for one in lot)
            wanted = [job for one in lot for job in _to_mark(one, warehouse, files, aside)]
            marked = mark(wanted, standard)
            for one in lot:
                new = aside / one.folder.name
                try:
                    _write(
                        one, new, warehouse, pages, standard, shifts, made_by, files, marked, say
                    )
                except Exception as error:
                    # Nobody else's report waits for it, nor does the release; the old one stands.
                    # What the error says may hold a person's row, and is not for the log.
                    kind = type(error).__name__
                    say(f"the report of {one.folder.name} could not be written ({kind})")
                    failed.append(error)
                    continue
                _switch(new, one.folder, aside)
            say(f"wrote {start + len(lot)} of {len(work)} reports for providers")
    _remove_others(folder, set(places.values()))
    if failed and len(failed) == len(work):
        raise failed[0]  # nothing is odd about one report; something is wrong with all
    return len(work) - len(failed)


def report_folders(codes: Iterable[str], registry: Registry) -> dict[str, str]:
    """The name of each provider's folder: its code. An inbox of nobody's may be called anything,
    and has a name that any file system takes."""
    names, taken = {}, set()
    for code in sorted(codes, key=lambda code: (code not in registry.providers, code)):
        name = code
        if code not in registry.providers and (not CODE.fullmatch(code) or code.lower() in taken):
            plain = re.sub("[^A-Za-z0-9]+", "-", code).strip("-")[:32]
            name = f"inbox-{plain}-{hashlib.sha256(code.encode()).hexdigest()[:8]}"
        names[code] = name
        taken.add(name.lower())
    return names


def _digest(*parts: object) -> str:
    return hashlib.sha256("\0".join(map(str, parts)).encode()).hexdigest()[:32]


def _report_digest(
    record: ProviderRecord, made_by: str, month: str, files: Mapping[str, Path]
) -> str:
    sent = [(asdict(one), one.judgement_id in files) for one in record.submissions]
    return _digest(
        made_by, month, record.code, record.name, sent, record.missing, record.values_digest
    )


def _page_digest(sent: Submission, record: ProviderRecord, made_by: str, has_file: bool) -> str:
    """Of all that the page of one submission is made of: it, the one before it, and which one of
    its month counts."""
    counting = [s for s in record.submissions if s.period == sent.period and s.state == "in_effect"]
    before = submission_before(sent, record.submissions)
    return _digest(made_by, record.code, record.name, sent, before, counting, has_file)


def _written(folder: Path) -> Written:
    try:
        return Written(**json.loads((folder / DIGEST).read_text(encoding="utf-8")))
    except (OSError, TypeError, ValueError):
        return Written("", {}, {})  # nothing there, or another version's


def _file_digest(sent: Submission) -> str:
    """Of all that a file back is made of."""
    return _digest(sent.judgement_id, sent.digest)


def _has_file_back(sent: Submission, files: Mapping[str, Path]) -> bool:
    """Whether there is anything to be marked, and whether it is the provider's to have back."""
    return bool(sent.digest) and not sent.is_anothers and sent.judgement_id in files


def _to_mark(
    work: Work, warehouse: Warehouse, files: Mapping[str, Path], aside: Path
) -> Iterator[FileToMark]:
    """The files of a report that are not there from the last time."""
    for sent in work.record.submissions:
        if not _has_file_back(sent, files):
            continue
        if work.old.files.get(sent.folder) != _file_digest(sent):
            failures = warehouse.failures(sent.judgement_id, work.record.code)
            yield FileToMark(
                sent.judgement_id,
                files[sent.judgement_id],
                tuple(CellFailure(*row) for row in failures),  # type: ignore[arg-type]
                # No provider's code begins with a full stop.
                aside / ".files" / sent.judgement_id,
            )


def _write(
    work: Work,
    new: Path,
    warehouse: Warehouse,
    pages: Pages,
    standard: Standard,
    shifts: Shifts,
    made_by: str,
    files: Mapping[str, Path],
    marked: Mapping[str, Marked],
    say: Callable[[str], None],
) -> None:
    """Writes one report into `new`. `marked` has the files back that it has not got already."""
    from orchestration.spreadsheets import safe_cell_sql

    record, old = work.record, work.old
    (new / "submissions").mkdir(parents=True)
    page_digests = {
        sent.folder: _page_digest(sent, record, made_by, sent.judgement_id in files)
        for sent in record.submissions
    }
    latest = record.submissions[-1] if record.submissions else None
    stale = [
        sent
        for sent in record.submissions
        if sent is latest or old.pages.get(sent.folder) != page_digests[sent.folder]
    ]
    before = [(sent, submission_before(sent, record.submissions)) for sent in stale]
    asked = {one.judgement_id for pair in before for one in pair if one is not None}
    rewritten = {sent.judgement_id for sent in stale}
    groups = warehouse.groups(record.code, sorted(asked)) if asked else {}
    pairs = [
        (sent.judgement_id, earlier.judgement_id, sent.period == earlier.period)
        for sent, earlier in before
        if earlier is not None
    ]
    changes = warehouse.changes(record.code, pairs) if pairs else {}
    file_digests = {}
    told = None
    for sent in record.submissions:
        place, there = new / "submissions" / sent.folder, work.folder / "submissions" / sent.folder
        place.mkdir()
        file_digest = _file_digest(sent)
        file_back = None
        if _has_file_back(sent, files):
            if old.files.get(sent.folder) == file_digest:
                file_back = _take_over(there, place)
            else:
                outcome = marked[sent.judgement_id]
                if outcome.problem:
                    # One odd file must not cost anybody the report; it is tried again.
                    say(f"the file of {sent.folder} could not be marked ({outcome.problem})")
                    file_digest = ""
                if outcome.path is not None:
                    file_back = _file_back(outcome.path.rename(place / outcome.path.name), place)
            file_digests[sent.folder] = file_digest
        if sent.judgement_id in rewritten:
            told = about(
                sent, record, groups, changes.get(sent.judgement_id, ()), file_back, standard,
                shifts,
            )  # fmt: skip
            (place / PAGE).write_text(pages.submission(record, told), encoding="utf-8")
        else:
            os.link(there / PAGE, place / PAGE)
    pages.write_style(new)
    warehouse.write_failures(record.code, new / "failures.csv", safe_cell_sql)
    warehouse.write_cells(record.code, new / "own_indicators.csv")
    listed = pages.submissions(record)
    (new / "submissions" / PAGE).write_text(listed, encoding="utf-8")
    index = pages.index(record, told, warehouse.cells(record.code))
    (new / PAGE).write_text(index, encoding="utf-8")
    written = Written(work.digest, page_digests, file_digests)
    (new / DIGEST).write_text(json.dumps(asdict(written)), encoding="utf-8")


def _take_over(there: Path, place: Path) -> FileBack | None:
    """Puts the file back of an older report into the new one, without copying what is in it."""
    marked = None
    for part in sorted(there.iterdir()):
        if part.name == PAGE:
            continue
        marked = place / part.name
        if part.is_dir():
            shutil.copytree(part, marked, copy_function=os.link)
        else:
            os.link(part, marked)
    return _file_back(marked, place)


def _file_back(marked: Path | None, place: Path) -> FileBack | None:
    """Where the marked file lies, as a page beside it says it."""
    if marked is None:
        return None
    name = marked.relative_to(place).as_posix()
    return FileBack(name, quote(name) + ("/" if marked.is_dir() else ""))


def _switch(new: Path, folder: Path, aside: Path) -> None:
    """Puts a report in the place of the one that is there: a reader finds one of them, whole."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    old = aside / f"{folder.name}.old"
    if folder.exists():
        folder.rename(old)
    new.rename(folder)
    shutil.rmtree(old, ignore_errors=True)


def _remove_others(folder: Path, places: set[str]) -> None:
    """Removes the reports of those that are no longer known; nothing else that lies there."""
    for other in folder.iterdir() if folder.is_dir() else ():
        if other.name not in places and (other / DIGEST).is_file():
            shutil.rmtree(other)
