"""Receiving: what is a return, what is the same one, and what is kept."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from orchestration.intake.folders import remove_folder
from orchestration.intake.receive import (
    all_received,
    look_into_inbox,
    receive,
    unknown_entries,
)
from tests.return_files import ReturnFiles

LARGE = 10_000_000


def test_what_is_still_arriving_is_left_alone(tmp_path: Path) -> None:
    inbox = tmp_path / "AB01"
    inbox.mkdir()
    for name in ("a.zip.part", ".hidden", "~$return.xlsx", "b.tmp", "return.zip"):
        (inbox / name).write_text("x")
    (tmp_path / "stray.zip").write_text("x")
    assert [entry.path.name for entry in look_into_inbox(tmp_path)] == ["return.zip"]


def test_the_same_file_put_in_twice_is_one_return_with_its_first_name(tmp_path: Path) -> None:
    returns, kept, ledger = tmp_path / "returns", tmp_path / "received", tmp_path / "ledger"
    second = ReturnFiles().write_zip(returns / "AB01" / "second.zip")
    first = returns / "AB01" / "first.zip"
    first.write_bytes(second.read_bytes())
    os.utime(first, (1_000, 1_000))
    os.utime(second, (2_000, 2_000))
    assert receive(look_into_inbox(returns), kept, ledger, LARGE) == 2
    assert [one.source_name for one in all_received(kept, ledger)] == ["first.zip"]


def test_what_was_received_stays_when_the_inbox_is_emptied(tmp_path: Path) -> None:
    returns, kept, ledger = tmp_path / "returns", tmp_path / "received", tmp_path / "ledger"
    path = ReturnFiles().write_zip(returns / "AB01" / "return.zip")
    content = path.read_bytes()
    receive(look_into_inbox(returns), kept, ledger, LARGE)
    path.unlink()
    assert receive(look_into_inbox(returns), kept, ledger, LARGE) == 0
    assert [one.kept.read_bytes() for one in all_received(kept, ledger)] == [content]


def test_only_what_is_new_is_looked_at(tmp_path: Path) -> None:
    returns, kept, ledger = tmp_path / "returns", tmp_path / "received", tmp_path / "ledger"
    ReturnFiles().write_zip(returns / "AB01" / "may.zip")
    receive(look_into_inbox(returns), kept, ledger, LARGE)
    ReturnFiles().set("return", 0, period="2025-06").write_folder(returns / "AB01" / "june")
    new = unknown_entries(look_into_inbox(returns), kept, ledger)
    assert [entry.path.name for entry in new] == ["june"]
    assert receive(look_into_inbox(returns), kept, ledger, LARGE) == 1


def test_a_link_is_noted_as_a_return_and_never_followed(tmp_path: Path) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text("not yours")
    inbox = tmp_path / "returns" / "AB01"
    inbox.mkdir(parents=True)
    (inbox / "return.zip").symlink_to(secret)
    receive(look_into_inbox(inbox.parent), tmp_path / "kept", tmp_path / "ledger", LARGE)
    (one,) = all_received(tmp_path / "kept", tmp_path / "ledger")
    assert one.kept.is_symlink()


def test_what_is_too_large_is_noted_and_not_copied(tmp_path: Path) -> None:
    inbox = tmp_path / "returns" / "AB01"
    inbox.mkdir(parents=True)
    (inbox / "return.zip").write_bytes(b"x" * 1001)
    receive(look_into_inbox(inbox.parent), tmp_path / "kept", tmp_path / "ledger", 1000)
    (one,) = all_received(tmp_path / "kept", tmp_path / "ledger")
    assert one.kept.stat().st_size == 1001
    assert b"x" not in one.kept.read_bytes()


def test_hidden_files_and_locks_make_no_other_return(tmp_path: Path) -> None:
    returns, kept, ledger = tmp_path / "returns", tmp_path / "received", tmp_path / "ledger"
    folder = ReturnFiles().write_folder(returns / "AB01" / "may")
    receive(look_into_inbox(returns), kept, ledger, LARGE)
    for name in (".~lock.contacts.csv#", "~$people.csv", ".DS_Store"):
        (folder / name).write_text("x")
    assert unknown_entries(look_into_inbox(returns), kept, ledger) == []


def test_an_inbox_is_one_in_upper_and_lower_case(tmp_path: Path) -> None:
    returns, kept, ledger = tmp_path / "returns", tmp_path / "received", tmp_path / "ledger"
    first = ReturnFiles().write_zip(returns / "AB01" / "a.zip")
    second = returns / "ab01" / "b.zip"
    second.parent.mkdir()
    second.write_bytes(first.read_bytes())
    receive(look_into_inbox(returns), kept, ledger, LARGE)
    assert len(all_received(kept, ledger)) == 1


def test_names_of_any_bytes_and_pipes_stop_nothing(tmp_path: Path) -> None:
    returns, kept, ledger = tmp_path / "returns", tmp_path / "received", tmp_path / "ledger"
    inbox = returns / "AB01"
    ReturnFiles().write_zip(inbox / "good.zip")
    odd = os.fsdecode("mai_été.zip".encode("cp1252"))
    (inbox / odd).write_bytes((inbox / "good.zip").read_bytes() + b" ")
    os.mkfifo(inbox / "pipe")
    folder = ReturnFiles().write_folder(inbox / "folder")
    os.mkfifo(folder / "pipe.csv")
    assert receive(look_into_inbox(returns), kept, ledger, LARGE) == 3
    assert sorted(one.source_name for one in all_received(kept, ledger)) == [
        "folder", "good.zip", "mai_\ufffdt\ufffd.zip",
    ]  # fmt: skip


def test_a_folder_of_any_depth_is_kept_and_taken_away(tmp_path: Path) -> None:
    returns, kept, ledger = tmp_path / "returns", tmp_path / "received", tmp_path / "ledger"
    top = returns / "AB01" / "deep"
    top.mkdir(parents=True)
    place = top
    for _ in range(sys.getrecursionlimit() + 100):
        place = place / "d"
        place.mkdir()
    (place / "note.txt").write_text("at the bottom")
    try:
        assert receive(look_into_inbox(returns), kept, ledger, LARGE) == 1
        (one,) = all_received(kept, ledger)
        assert (one.kept / place.relative_to(top) / "note.txt").read_text() == "at the bottom"
    finally:
        # Too deep for pytest to take away.
        remove_folder(top)
        remove_folder(kept)
    assert not top.exists()
