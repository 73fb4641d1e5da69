"""From lake to marts, as assets: the warehouse's sources, then every model of the dbt project."""

import json
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import redirect_stdout
from importlib.metadata import version
from pathlib import Path
from typing import Any

from dagster import (
    AssetExecutionContext,
    AssetKey,
    AssetSpec,
    MaterializeResult,
    OpExecutionContext,
    Output,
    multi_asset,
)
from dagster_dbt import (
    DagsterDbtTranslator,
    DbtCliInvocation,
    DbtCliResource,
    dbt_assets,
)
from dagster_dbt.asset_utils import get_updated_cli_invocation_params_for_context
from dagster_dbt.dbt_manifest import DbtManifestParam
from dagster_dbt.errors import DagsterDbtCliRuntimeError
from packaging.version import Version

from orchestration.ahead import importing
from orchestration.assets.intake import JUDGED
from orchestration.facts import standard
from orchestration.lock import refresh_lock
from orchestration.night import night
from orchestration.passing_faults import dbt_fault, step
from orchestration.settings import settings_from_environment
from orchestration.transform.dbt import (
    DBT_CHILD,
    DBT_PROJECT,
    dbt_environment,
    manifest,
    take,
    target_folder,
)
from orchestration.transform.standing import InOrder, Manifest, all_but, standing
from orchestration.transform.unique_keys import (
    UNIQUE,
    Key,
    check_keys,
    declared_keys,
    forget_looked_at,
    note_looked_at,
)

# What dbt says of itself, in its folder.
CONSOLE = "console.txt"
INTAKE_TABLES = ("refresh", "submissions", "table_rows", "failures", "last_told", "last_told_by")
REGISTRY_TABLES = ("providers", "services", "areas", "targets", "breaks")


def _source_keys() -> list[AssetKey]:
    tables = standard().tables
    keys = [AssetKey(["lake", table]) for table in tables]
    keys += [AssetKey(["intake", table]) for table in INTAKE_TABLES]
    return keys + [AssetKey(["registry", table]) for table in REGISTRY_TABLES]


@multi_asset(
    specs=[
        AssetSpec(key, deps=[JUDGED], group_name="sources", kinds={"duckdb"})
        for key in _source_keys()
    ],
    name="warehouse_sources",
    required_resource_keys={"lock"},
)
def warehouse_sources(context: AssetExecutionContext) -> Iterator[MaterializeResult[None]]:
    """The lake, the ledger and the registry, laid out for dbt."""
    tonight = night()
    with step(tonight.settings):
        for message in tonight.goals.refusals:
            context.log.warning(message)
        tonight.lay_out_sources(context.log.info)
        context.instance.add_run_tags(context.run.run_id, {"outcomes/release": tonight.release_id})
    for key in _source_keys():
        yield MaterializeResult(asset_key=key)


class Translator(DagsterDbtTranslator):
    """Groups the models by the folder that they lie in."""

    def get_group_name(self, dbt_resource_props: Mapping[str, Any]) -> str | None:
        """The layer: staging, intermediate, measures, marts or seeds."""
        if dbt_resource_props["resource_type"] == "seed":
            return "facts"
        return str(dbt_resource_props["fqn"][1])


@dbt_assets(
    manifest=manifest(settings_from_environment()),
    dagster_dbt_translator=Translator(),
    exclude=f"resource_type:unit_test test_name:{UNIQUE}",
    name="dbt_models",
)
def dbt_models(context: AssetExecutionContext, dbt: DbtCliResource) -> Iterator[Any]:
    """Every number: staging, what is in effect, measures, indicators, protection."""
    settings = settings_from_environment()
    # dbt runs as a process of its own, and takes its paths from the environment.
    os.environ |= dbt_environment(settings)
    folder = target_folder(settings)
    folder.mkdir(parents=True, exist_ok=True)
    # The decorator takes no resource beside dbt's own, so the lock is taken here.
    with refresh_lock(settings.build), step(settings), importing():
        facts = json.loads(manifest(settings).read_bytes())
        stand = {} if context.is_subset else standing(settings, facts)
        were_looked_at = forget_looked_at(settings)
        running = dbt.cli(["build", *all_but(stand.values())], context=context, target_path=folder)
        # dbt's words, which can quote a row, are kept here and not in Dagster's own account of
        # the step, nor in its error.
        with (folder / CONSOLE).open("w", encoding="utf-8") as account, redirect_stdout(account):
            try:
                yield from _with_standing(running.stream(), context, facts, stand)
            except DagsterDbtCliRuntimeError as error:
                raise dbt_fault(running.process.returncode, str(error)) from None
        made = context.selected_asset_keys
        check_keys(settings, [key for key in declared_keys(facts) if asset_of(key, facts) in made])
        if were_looked_at or not context.is_subset:
            note_looked_at(settings)


def asset_of(key: Key, facts: Manifest) -> AssetKey:
    """The asset whose rows have the key."""
    return Translator().get_asset_key(facts["nodes"][key.node])


def _with_standing(
    events: Iterator[Any], context: AssetExecutionContext, facts: Manifest, stand: Iterable[str]
) -> Iterator[Any]:
    """What dbt tells, and what stands in between: Dagster wants to be told of each asset after
    those that it is made from."""
    in_order = InOrder(facts, stand)
    key_of = {node: Translator().get_asset_key(facts["nodes"][node]) for node in stand}
    made = {
        Translator().get_asset_key(found): node
        for node, found in facts["nodes"].items()
        if found["resource_type"] in ("seed", "model")
    }

    def told(nodes: Iterator[str]) -> Iterator[MaterializeResult[None]]:
        for node in nodes:
            yield MaterializeResult(
                asset_key=key_of[node], metadata={"stands since an earlier night": True}
            )

    for event in events:
        if isinstance(event, Output):
            key = context.assets_def.keys_by_output_name[event.output_name]
            yield from told(in_order.before(made[key]))
        yield event
    yield from told(in_order.rest())


class PreparedDbt(DbtCliResource):
    """dbt as dagster-dbt has it, run by a process that has read its project already.

    dagster-dbt's own way asks dbt for its version first and makes an adapter of its own, to look
    into the tables that dbt makes: three seconds for nothing, since we ask it for none of that.
    """

    def cli(
        self,
        args: Sequence[str],
        *,
        raise_on_error: bool = True,
        manifest: DbtManifestParam | None = None,  # noqa: ARG002, that of the assets
        dagster_dbt_translator: DagsterDbtTranslator | None = None,
        context: OpExecutionContext | AssetExecutionContext | None = None,
        target_path: Path | None = None,
    ) -> DbtCliInvocation:
        """Runs dbt on the settings of the environment, on what of the assets was asked for."""
        settings = settings_from_environment()
        asked = get_updated_cli_invocation_params_for_context(
            context, {}, dagster_dbt_translator or DagsterDbtTranslator()
        )
        which = list(asked.selection_args)
        if asked.indirect_selection:
            which += ["--indirect-selection", asked.indirect_selection]
        return DbtCliInvocation(
            process=take(settings).run([*args, *which]),
            manifest=asked.manifest,
            dagster_dbt_translator=asked.dagster_dbt_translator,
            project_dir=DBT_PROJECT,
            target_path=target_path or target_folder(settings),
            raise_on_error=raise_on_error,
            cli_version=Version(version("dbt-core")),
            project=asked.dbt_project,
            context=context,
        )


dbt_resource = PreparedDbt(project_dir=str(DBT_PROJECT), dbt_executable=str(DBT_CHILD))
