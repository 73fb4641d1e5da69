"""A macro of the dbt project as SQL, without dbt: for tests that run it on many inputs."""

from __future__ import annotations

import jinja2

from orchestration.transform.dbt import DBT_PROJECT


def macro_sql(file: str, call: str) -> str:
    """The SQL that `call`, such as `{{ rounded(...) }}`, gives with the macros of one file.

    Only macros that call nothing of dbt's own can be had in this way.
    """
    environment = jinja2.Environment(extensions=["jinja2.ext.do"], autoescape=False)
    text = (DBT_PROJECT / "macros" / file).read_text(encoding="utf-8")
    return environment.from_string(text + call).render().strip()
