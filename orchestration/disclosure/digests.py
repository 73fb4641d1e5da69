"""Digests (SHA-256) of all that an answer of the audit depends on, but for what earlier releases
told (`told.py`): the claims of a part as the audit takes them, its subjects and links, who works
where, the policy, and this package's own code. The same digest is the same answer.
"""

from __future__ import annotations

import hashlib
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from pandas import DataFrame

from orchestration.disclosure.cells import CELL
from orchestration.disclosure.geography import Geography
from orchestration.disclosure.protect import Policy

if TYPE_CHECKING:
    from orchestration.disclosure.part import Part

HERE = Path(__file__).parent
LIBRARIES = ("numpy", "pandas", "scipy")
KNOWN_NOW = ("exact", "is_shown", "least", "most", "hidden_least", "hidden_most")


def of_audit(geography: Geography, policy: Policy) -> bytes:
    """A digest of what is the same for all parts of an audit."""
    code = [
        (path.name, hashlib.sha256(path.read_bytes()).hexdigest())
        for path in sorted(HERE.glob("*.py"))
    ]
    libraries = [version(library) for library in LIBRARIES]
    services = [tuple(row) for row in geography.atoms.itertuples(index=False)]
    fields = list(geography.atoms)
    return hashlib.sha256(repr((code, libraries, fields, services, policy)).encode()).digest()


def of_part(part: Part, claims: DataFrame, of_all: bytes) -> str:
    """A digest of all that an answer about a part depends on, but for what earlier releases told.

    `claims` are the part's, without missing or false limits; `of_all` is `of_audit`.
    """
    inside = {subject.name for subject in part.subjects}
    links = [link for link in part.links if {link.part, link.whole} <= inside]
    digest = hashlib.sha256(of_all)
    digest.update(repr((part.subjects, links, len(claims))).encode())
    for column in ("subject", *CELL):
        digest.update(_bytes_of_texts(claims[column]))
    for column in KNOWN_NOW:
        digest.update(_bytes_of_numbers(claims[column]))
    return digest.hexdigest()


def _bytes_of_texts(values: pd.Series) -> bytes:
    """The values as places among those that there are; days as numbers."""
    if pd.api.types.is_datetime64_any_dtype(values):
        return bytes(values.to_numpy(dtype="datetime64[us]").tobytes())
    texts = pd.Categorical(values).remove_unused_categories()
    texts = texts.reorder_categories(sorted(texts.categories))
    return repr(list(texts.categories)).encode() + bytes(texts.codes.astype(np.int32).tobytes())


def _bytes_of_numbers(values: pd.Series) -> bytes:
    # No 0 with a sign.
    return bytes((values.to_numpy(dtype=float) + 0.0).tobytes())
