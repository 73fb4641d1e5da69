"""Accounts by which providers read their reports over the web: a file of names and hashes that
nginx reads, one account for each provider, its name the provider's code.
"""

from __future__ import annotations

import fcntl
import os
import secrets
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from expectations.rules.return_rules import provider_of
from expectations.standard import Registry
from orchestration.settings import Settings

# Letters and digits that nobody takes for another; 20 of them are 99 bits.
LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"
GROUPS, GROUP_LENGTH = 4, 5
# The owner writes it, the group (nginx's user is in it) reads it, nobody else sees it.
MODE = 0o640


class AccessError(Exception):
    """No account was made or removed; the message says why and what to do."""


def new_password() -> str:
    """A password of four groups of five, such as `k7m2p-…`."""
    return "-".join(
        "".join(secrets.choice(LETTERS) for _ in range(GROUP_LENGTH)) for _ in range(GROUPS)
    )


def grant(settings: Settings, registry: Registry, code: str, file: Path | None) -> tuple[str, str]:
    """Makes the account of the provider `code`, or gives it a new password; gives the account's
    name and the password, which is kept nowhere.

    Raises AccessError where the registry has no such provider, or the file cannot be kept.
    """
    provider = provider_of(registry, code)
    if provider is None:
        raise AccessError(
            f"{code!r} is no provider of the registry in {settings.registry}; "
            f"it has {', '.join(sorted(registry.providers)) or 'none'}"
        )
    account, password = provider.provider_code, new_password()
    line = f"{account}:{hash_of(password)}"
    with _accounts(settings, file) as (path, lines):
        _write(path, [*(one for one in lines if _name(one) != account), line])
    return account, password


def remove(settings: Settings, code: str, file: Path | None) -> str:
    """Takes an account away, whether or not the registry still has the provider; gives its name.

    Raises AccessError where there is no such account, or the file cannot be kept.
    """
    with _accounts(settings, file) as (path, lines):
        names = [name for one in lines if (name := _name(one)).lower() == code.lower()]
        if not names:
            raise AccessError(f"{code!r} has no account in {path}")
        account = code if code in names else names[0]
        _write(path, [one for one in lines if _name(one) != account])
    return account


def hash_of(password: str) -> str:
    """The password's salted hash in the form `$6$…`, which nginx gives to crypt().

    The password goes to openssl by standard input: other users see a program's arguments.
    """
    try:
        made = subprocess.run(
            ["openssl", "passwd", "-6", "-stdin"],
            input=password + "\n",
            capture_output=True,
            text=True,
            check=True,
        )
    except FileNotFoundError:
        raise AccessError("openssl is missing; install the package 'openssl'") from None
    except subprocess.CalledProcessError as error:
        raise AccessError(f"openssl made no hash: {error.stderr.strip()}") from None
    return made.stdout.strip()


@contextmanager
def _accounts(settings: Settings, file: Path | None) -> Iterator[tuple[Path, list[str]]]:
    """The file of accounts and its lines, while no other command changes them."""
    path = (file or settings.provider_access).absolute()
    for served in (settings.public, settings.releases, settings.build / "providers"):
        if path.resolve().is_relative_to(served.resolve()):
            raise AccessError(f"{path} lies in {served}, which is served; name another: --file")
    try:
        folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY)
    except OSError as error:
        raise AccessError(
            f"{path.parent} cannot be used: {error.strerror}. Make it, or name another: --file"
        ) from None
    try:
        fcntl.flock(folder, fcntl.LOCK_EX)
        lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
        for number, line in enumerate(lines, start=1):
            if line and not line.startswith("#") and ":" not in line:
                raise AccessError(f"{path}, line {number}, is no account: expected NAME:HASH")
        yield path, lines
    except UnicodeDecodeError:
        raise AccessError(f"{path} is no file of accounts: it is not UTF-8 text") from None
    except OSError as error:
        raise AccessError(f"{path} cannot be kept: {error.strerror}") from None
    finally:
        os.close(folder)


def _name(line: str) -> str:
    """The account that a line is of; empty for a remark."""
    return "" if line.startswith("#") else line.partition(":")[0]


def _write(path: Path, lines: list[str]) -> None:
    """Writes the file aside, never readable by others, and moves it into place."""
    aside = path.with_name(path.name + ".part")
    aside.unlink(missing_ok=True)
    descriptor = os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        if os.geteuid() == 0:
            # root makes it for those whose folder or file it is.
            owner = path.stat() if path.exists() else path.parent.stat()
            os.fchown(descriptor, owner.st_uid, owner.st_gid)
        os.fchmod(descriptor, MODE)
        file.write("".join(f"{line}\n" for line in lines))
        file.flush()
        os.fsync(descriptor)
    aside.replace(path)
