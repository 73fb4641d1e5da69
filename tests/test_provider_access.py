"""Accounts of providers: made, renewed, taken away."""

from __future__ import annotations

import subprocess
from pathlib import Path

from click.testing import CliRunner, Result

from orchestration.cli import main
from orchestration.settings import PROJECT

REGISTRY = PROJECT / "seeds" / "registry"
CODE, OTHER = [
    line.partition(",")[0] for line in (REGISTRY / "providers.csv").read_text().splitlines()[1:3]
]


def access(folder: Path, code: str, *more: str) -> Result:
    given = ["provider-access", code, "--registry", str(REGISTRY), "--build", str(folder), *more]
    return CliRunner().invoke(main, given)


def is_password(folder: Path, code: str, password: str) -> bool:
    lines = (folder / "provider-access").read_text().splitlines()
    (held,) = [line.partition(":")[2] for line in lines if line.startswith(f"{code}:")]
    salt = held.split("$")[2]
    made = subprocess.run(
        ["openssl", "passwd", "-6", "-salt", salt, "-stdin"],
        input=password, capture_output=True, text=True, check=True,
    )  # fmt: skip
    return made.stdout.strip() == held


def test_a_password_is_told_once_and_only_its_hash_is_kept(tmp_path: Path) -> None:
    result = access(tmp_path, CODE)
    password = result.stdout.strip()
    assert result.exit_code == 0
    assert len(password) == 24
    assert password not in result.stderr
    assert password not in (tmp_path / "provider-access").read_text()
    assert (tmp_path / "provider-access").stat().st_mode & 0o777 == 0o640
    assert is_password(tmp_path, CODE, password)


def test_renewing_ends_the_old_password_and_leaves_others(tmp_path: Path) -> None:
    old, other = access(tmp_path, CODE).stdout.strip(), access(tmp_path, OTHER).stdout.strip()
    new = access(tmp_path, CODE).stdout.strip()
    assert not is_password(tmp_path, CODE, old)
    assert is_password(tmp_path, CODE, new)
    assert is_password(tmp_path, OTHER, other)


def test_a_code_that_is_not_registered_is_refused(tmp_path: Path) -> None:
    result = access(tmp_path, "NOBODY")
    assert (result.exit_code, result.stdout) == (2, "")
    assert "NOBODY is no provider" in result.stderr
    assert not (tmp_path / "provider-access").exists()


def test_an_account_is_taken_away_once(tmp_path: Path) -> None:
    access(tmp_path, CODE)
    assert access(tmp_path, CODE, "--remove").exit_code == 0
    assert (tmp_path / "provider-access").read_text() == ""
    assert access(tmp_path, CODE, "--remove").exit_code == 2


def test_accounts_are_never_kept_in_the_public_folder(tmp_path: Path) -> None:
    (tmp_path / "public").mkdir()
    result = access(tmp_path, CODE, "--file", str(tmp_path / "public" / "accounts"))
    assert result.exit_code == 2
    assert not list((tmp_path / "public").iterdir())
