"""`outcomes provider-access`: accounts for nginx, made, renewed and taken away."""

from __future__ import annotations

import logging
import math
import os
import re
import stat
import subprocess
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from orchestration.cli import main
from orchestration.provider_access import GROUP_LENGTH, GROUPS, LETTERS, new_password
from orchestration.settings import PROJECT

REGISTRY = PROJECT / "seeds" / "registry"


def access(build: Path, *words: str) -> Result:
    return CliRunner().invoke(
        main, ["provider-access", *words, "--build", str(build), "--registry", str(REGISTRY)]
    )


def is_password(password: str, hashed: str) -> bool:
    """Whether openssl makes the same hash of the password, with the same salt."""
    salt = hashed.split("$")[2]
    made = subprocess.run(
        ["openssl", "passwd", "-6", "-salt", salt, password],
        capture_output=True,
        text=True,
        check=True,
    )
    return made.stdout.strip() == hashed


def test_a_new_account_shows_its_password_once_and_keeps_its_hash_alone(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG):
        told = access(tmp_path, "AB01")
    assert told.exit_code == 0
    password = told.stdout.strip()
    file = tmp_path / "provider-access"
    account, _, hashed = file.read_text(encoding="utf-8").strip().partition(":")
    assert account == "AB01"
    assert hashed.startswith("$6$")
    assert is_password(password, hashed)
    assert stat.S_IMODE(file.stat().st_mode) == 0o640
    assert password not in told.stderr + caplog.text + file.read_text(encoding="utf-8")
    assert [path.name for path in tmp_path.iterdir()] == ["provider-access"]


def test_a_password_is_long_enough_and_has_no_look_alikes() -> None:
    assert GROUPS * GROUP_LENGTH * math.log2(len(LETTERS)) >= 80
    assert not set(LETTERS) & set("0o1li")
    assert re.fullmatch(rf"([{LETTERS}]{{5}}-){{3}}[{LETTERS}]{{5}}", new_password())
    assert len({new_password() for _ in range(100)}) == 100


def test_a_renewed_account_replaces_its_line_and_leaves_all_others(tmp_path: Path) -> None:
    access(tmp_path, "AB01")
    access(tmp_path, "BR02")
    before = (tmp_path / "provider-access").read_text(encoding="utf-8").splitlines()
    password = access(tmp_path, "AB01").stdout.strip()
    after = (tmp_path / "provider-access").read_text(encoding="utf-8").splitlines()
    assert after[0] == before[1]
    assert len(after) == 2
    assert after[1] != before[0]
    assert is_password(password, after[1].partition(":")[2])


def test_the_account_is_named_as_the_folder_whatever_the_case_that_was_typed(
    tmp_path: Path,
) -> None:
    access(tmp_path, "ab01")
    assert (tmp_path / "provider-access").read_text(encoding="utf-8").startswith("AB01:")


@pytest.mark.parametrize("code", ["ZZ99", "", "AB01:x", "../AB01", "AB01\nBR02"])
def test_a_code_that_is_not_in_the_registry_is_refused(tmp_path: Path, code: str) -> None:
    told = access(tmp_path, code)
    assert told.exit_code == 2
    assert "is no provider of the registry" in told.stderr
    assert told.stdout == ""
    assert not list(tmp_path.iterdir())


def test_a_removed_account_is_gone_and_the_others_stay(tmp_path: Path) -> None:
    access(tmp_path, "AB01")
    access(tmp_path, "BR02")
    assert access(tmp_path, "AB01", "--remove").exit_code == 0
    assert re.fullmatch(r"BR02:\S+\n", (tmp_path / "provider-access").read_text(encoding="utf-8"))


def test_an_account_can_be_removed_when_the_registry_no_longer_has_the_provider(
    tmp_path: Path,
) -> None:
    (tmp_path / "provider-access").write_text("OLD9:$6$a$b\n", encoding="utf-8")
    assert access(tmp_path, "OLD9", "--remove").exit_code == 0
    assert (tmp_path / "provider-access").read_text(encoding="utf-8") == ""


def test_removing_an_account_that_there_is_not_is_told(tmp_path: Path) -> None:
    told = access(tmp_path, "AB01", "--remove")
    assert told.exit_code == 2
    assert "'AB01' has no account in" in told.stderr


@pytest.mark.parametrize("place", ["public/accounts", "releases/a/accounts", "providers/accounts"])
def test_the_file_is_not_kept_where_it_would_be_served(tmp_path: Path, place: str) -> None:
    (tmp_path / "releases" / "a" / "public").mkdir(parents=True)
    (tmp_path / "providers").mkdir()
    (tmp_path / "public").symlink_to("releases/a/public")
    told = access(tmp_path, "AB01", "--file", str(tmp_path / place))
    assert told.exit_code == 2
    assert "is served; name another: --file" in told.stderr


@pytest.mark.skipif(os.geteuid() != 0, reason="only root makes a file for another user")
def test_what_root_makes_belongs_to_the_owner_of_the_build_folder(tmp_path: Path) -> None:
    os.chown(tmp_path, 4321, 8765)
    access(tmp_path, "AB01")
    made = (tmp_path / "provider-access").stat()
    assert (made.st_uid, made.st_gid) == (4321, 8765)


def test_a_folder_that_there_is_not_is_told_without_a_traceback(tmp_path: Path) -> None:
    told = access(tmp_path / "away", "AB01")
    assert told.exit_code == 2
    assert "cannot be used: No such file or directory. Make it" in told.stderr


def test_a_file_that_holds_no_accounts_is_left_as_it_is(tmp_path: Path) -> None:
    file = tmp_path / "notes"
    file.write_text("# a remark\nnot an account\n", encoding="utf-8")
    told = access(tmp_path, "AB01", "--file", str(file))
    assert told.exit_code == 2
    assert "line 2, is no account: expected NAME:HASH" in told.stderr
    assert file.read_text(encoding="utf-8") == "# a remark\nnot an account\n"
