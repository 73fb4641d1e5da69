"""The one message about a night that failed: to a file, a web address, an e-mail address, or all.

It says what happened, which release stands and what to do. Reasons come from what may be told
(`orchestration.passing_faults`), so it quotes no row.
"""

from __future__ import annotations

import http.client
import json
import os
import smtplib
import urllib.request
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from email.message import EmailMessage
from pathlib import Path

from orchestration.operation import Operation

# How long a receiver may take, in seconds.
PATIENCE = 20
WHAT_TO_DO = {
    "failed": (
        "Read the reason. What can pass by itself was tried again already. Run `outcomes doctor`, "
        "and look into docs/operators/faults.md for this fault; then run `outcomes refresh`, or "
        "wait for the next night."
    ),
    "refused": (
        "Read the gate's report, index.html in the folder gate of the build folder: it says which "
        "figures it refuses and why. Nothing was published."
    ),
}


@dataclass(frozen=True)
class FailedNight:
    """A night that failed, or that the gate refused (`kind`), and why; `standing` is the release
    that is up, if there is one."""

    kind: str
    reasons: tuple[str, ...]
    standing: str | None
    ended_at: datetime

    @property
    def subject(self) -> str:
        """The message in a line."""
        said = (
            "The gate refused tonight's release" if self.kind == "refused" else "A refresh failed"
        )
        return f"Inclusion Outcomes: {said}"

    @property
    def text(self) -> str:
        """The message."""
        stands = f"Release {self.standing} stays up." if self.standing else "No release is up yet."
        return "\n".join(
            [
                f"{self.subject}, at {self.ended_at:%Y-%m-%d %H:%M} UTC.",
                "",
                *(f"- {reason}" for reason in self.reasons or ("No reason is known.",)),
                "",
                stands,
                f"What to do: {WHAT_TO_DO[self.kind]}",
                "",
            ]
        )


def failed_night(kind: str, reasons: Iterable[str], standing: str | None) -> FailedNight:
    """What is to be told of a night that ended just now."""
    return FailedNight(kind, tuple(reasons), standing, datetime.now(UTC).replace(microsecond=0))


def send(night: FailedNight, operation: Operation, say: Callable[[str], None]) -> None:
    """Sends the message wherever the operator's settings say. One that cannot be sent is told to
    `say`, and changes nothing else."""
    ways: dict[str, Callable[[FailedNight, Operation], None]] = {
        "message_file": _to_file,
        "message_webhook": _to_webhook,
        "message_address": _to_address,
    }
    for setting, way in ways.items():
        if not getattr(operation, setting):
            continue
        try:
            way(night, operation)
        # Whatever a receiver does, the night has ended as it has.
        except (OSError, ValueError, smtplib.SMTPException, http.client.HTTPException) as error:
            # By its setting alone: a webhook's address can hold a key.
            way_out = f"OUTCOMES_{setting.upper()}"
            say(f"the message about this could not be sent by {way_out}: {type(error).__name__}")


def _to_file(night: FailedNight, operation: Operation) -> None:
    path = Path(operation.message_file)
    path.parent.mkdir(parents=True, exist_ok=True)
    # Written in one go, so that two nights' messages cannot mix.
    with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o640), "ab") as file:  # noqa: PTH123
        file.write(f"{night.text}\n".encode())


def _to_webhook(night: FailedNight, operation: Operation) -> None:
    if not operation.message_webhook.startswith(("http://", "https://")):
        raise ValueError("a webhook's address begins with http:// or https://")
    told = asdict(night) | {
        "ended_at": night.ended_at.isoformat(), "subject": night.subject, "text": night.text,
    }  # fmt: skip
    request = urllib.request.Request(
        operation.message_webhook,
        data=json.dumps(told).encode(),
        headers={"Content-Type": "application/json"},
        method="POST",
    )
    with urllib.request.urlopen(request, timeout=PATIENCE):
        pass


def _to_address(night: FailedNight, operation: Operation) -> None:
    message = EmailMessage()
    message["Subject"] = night.subject
    message["To"] = operation.message_address
    message["From"] = operation.message_sender or operation.message_address
    message.set_content(night.text)
    host, _, port = operation.mail_server.partition(":")
    with smtplib.SMTP(host, int(port or 25), timeout=PATIENCE) as server:
        server.send_message(message)
