"""Accounts with which providers read their own reports: one each, named by the provider's code."""

from __future__ import annotations

import fcntl
import os
import secrets
import subprocess
from pathlib import Path

# Letters and digits that are not taken for one another, about 4.95 bits each.
LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"
GROUPS, GROUP = 5, 4
MODE = 0o640


class AccessError(Exception):
    """An account cannot be made or taken away; the message says why and what to do."""


def new_password() -> str:
    """A new password of 99 bits, in groups that can be read out."""
    return "-".join("".join(secrets.choice(LETTERS) for _ in range(GROUP)) for _ in range(GROUPS))


def hashed(password: str) -> str:
    """The password's SHA-512 crypt hash, as nginx takes it; the password goes by standard input.

    Raises AccessError where there is no openssl, or it fails.
    """
    try:
        done = subprocess.run(
            ["openssl", "passwd", "-6", "-stdin"],
            input=password + "\n", capture_output=True, text=True, check=True,
        )  # fmt: skip
    except (OSError, subprocess.CalledProcessError):
        raise AccessError(
            "openssl could not hash the password: install the package 'openssl'"
        ) from None
    return done.stdout.strip()


def renew(file: Path, code: str) -> str:
    """Makes or renews the account of `code` in `file`, and gives its new password.

    Raises AccessError, and OSError where the file cannot be written.
    """
    password = new_password()
    _write(file, code, hashed(password))
    return password


def remove(file: Path, code: str) -> None:
    """Takes the account of `code` out of `file`. Raises AccessError where there is none."""
    _write(file, code, None)


def _write(file: Path, code: str, digest: str | None) -> None:
    """The file with the account's new hash, or without it: written aside and renamed, by one
    process at a time (the folder is locked)."""
    folder = os.open(file.parent, os.O_RDONLY)
    try:
        fcntl.flock(folder, fcntl.LOCK_EX)
        lines = file.read_text(encoding="ascii").splitlines() if file.exists() else []
        kept = [line for line in lines if line.partition(":")[0] != code]
        if digest is None and kept == lines:
            raise AccessError(f"There is no account {code} in {file}")
        if digest is not None:
            kept.append(f"{code}:{digest}")
        aside = file.with_name(file.name + ".part")
        aside.unlink(missing_ok=True)
        handle = os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, MODE)
        with os.fdopen(handle, "w", encoding="ascii") as out:
            os.fchmod(out.fileno(), MODE)
            if file.exists() and os.geteuid() == 0:
                os.fchown(out.fileno(), file.stat().st_uid, file.stat().st_gid)
            out.write("".join(f"{line}\n" for line in sorted(kept)))
            out.flush()
            os.fsync(out.fileno())
        aside.replace(file)
    finally:
        os.close(folder)
