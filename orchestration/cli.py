"""The command `outcomes`. Each command is a few lines on a work function, imported when called."""

from __future__ import annotations

import sys
import time
from contextlib import suppress
from datetime import date, datetime
from pathlib import Path
from typing import Any, NoReturn

import click

from orchestration.ending import end_at_once
from orchestration.settings import Settings, SettingsError
from orchestration.transform.spark.session import LOCAL, MEMORY

CONTEXT = {"help_option_names": ["-h", "--help"], "max_content_width": 100}
DAY = click.DateTime(formats=["%Y-%m-%d"])
REGISTRY = click.option(
    "--registry",
    type=click.Path(path_type=Path, file_okay=False),
    envvar="OUTCOMES_REGISTRY",
    default="registry",
    show_default=True,
    help="The folder of the commissioner's registry.",
)

BUILD = click.option(
    "--build",
    type=click.Path(path_type=Path, file_okay=False),
    envvar="OUTCOMES_BUILD",
    default="build",
    show_default=True,
    help="Where everything that is made is kept.",
)


def say(text: str) -> None:
    """Progress, on standard error."""
    click.echo(text, err=True)


def places(command: Any) -> Any:
    """The options that say where things lie, shared by the commands that refresh and serve."""
    for option in (
        click.option(
            "--as-at",
            type=DAY,
            envvar="OUTCOMES_AS_AT",
            help="The day as at which everything is told, YYYY-MM-DD; today unless given.",
        ),
        BUILD,
        REGISTRY,
        click.option(
            "--returns",
            type=click.Path(path_type=Path, file_okay=False),
            envvar="OUTCOMES_RETURNS",
            default="returns",
            show_default=True,
            help="The inbox: DIR/<provider_code>/<return>.",
        ),
    ):
        command = option(command)
    return command


def settings_of(returns: Path, registry: Path, build: Path, as_at: datetime | None) -> Settings:
    """The settings as the options give them."""
    day = as_at.date() if as_at else date.today()
    places = (returns.absolute(), registry.absolute(), build.absolute())
    return Settings(*places, day, is_day_given=as_at is not None)


class Program(click.Group):
    """The command as a program, which ends with it; tests call its parts, and go on."""

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        try:
            return super().__call__(*args, **kwargs)
        except SystemExit as ended:
            # With arguments of its caller it is a part of another program.
            if isinstance(ended.code, int) and not args and not kwargs:
                end_at_once(ended.code)
            raise


@click.group(cls=Program, context_settings=CONTEXT)
@click.version_option(package_name="inclusion-outcomes")
def main() -> None:
    """Returns of inclusion health services in, an indicator site out."""


def _not_begun(settings: Settings, status: int, said: str) -> NoReturn:
    """Ends with that status, having said why: on a terminal to the person who is there, otherwise
    by the message of a night that failed too."""
    from orchestration.refresh import tell_of_failure

    say(said)
    if not sys.stderr.isatty():
        # A setting that is wrong may be one of the message's own, and was told.
        with suppress(SettingsError):
            tell_of_failure(settings, False, [said], say)
    sys.exit(status)


@main.command()
@places
def refresh(returns: Path, registry: Path, build: Path, as_at: datetime | None) -> None:
    """The nightly refresh: read, judge, compute, gate, publish.

    Exit status: 0 published, or nothing had changed; 1 failed, the last release stands; 2 wrong
    usage or configuration; 3 the gate refused, the last release stands; 4 another refresh holds
    the lock.
    """
    from orchestration.lock import LockHeld
    from orchestration.night import ClockSetBack
    from orchestration.refresh import Outcome
    from orchestration.refresh import refresh as run_refresh
    from orchestration.registry import RegistryError

    settings = settings_of(returns, registry, build, as_at)
    if not settings.returns.is_dir():
        _not_begun(
            settings,
            Outcome.WRONG_USE,
            f"There is no inbox at {settings.returns}. Make the folder, or name another: --returns",
        )
    started = time.monotonic()
    try:
        report = run_refresh(settings, say)
    except RegistryError as error:
        _not_begun(
            settings,
            Outcome.WRONG_USE,
            f"The registry in {settings.registry} cannot be used. {error}",
        )
    except (ClockSetBack, SettingsError) as error:
        _not_begun(settings, Outcome.WRONG_USE, f"Nothing was done: {error}.")
    except LockHeld as error:
        say(f"Nothing was done: {error}.")
        sys.exit(Outcome.LOCKED)
    except OSError as error:
        said = f"Failed before anything was done: {error.strerror}: {error.filename}."
        _not_begun(settings, Outcome.FAILED, said)
    from orchestration.summary import summary

    for line in summary(settings, report, time.monotonic() - started):
        say(line)
    sys.exit(report.outcome)


@main.command()
@click.argument("path", metavar="PATH", type=click.Path(path_type=Path, exists=True))
@click.option("--provider", metavar="CODE", help="The provider in whose inbox it would be put.")
@REGISTRY
@click.option(
    "--format", "answer", type=click.Choice(("text", "json", "csv")), default="text",
    show_default=True,
)  # fmt: skip
@click.option(
    "--as-at", type=DAY, envvar="OUTCOMES_AS_AT", help="The day it would be judged; else today."
)
def check(
    path: Path, provider: str | None, registry: Path, answer: str, as_at: datetime | None
) -> None:
    """Judges the return at PATH as the refresh would, without sending it or writing anything.

    Exit status: 0 it would be accepted; 1 it would be rejected; 2 wrong usage.
    """
    from expectations.rules.return_rules import provider_of
    from orchestration.check import check as check_return
    from orchestration.check_answers import ANSWERS
    from orchestration.facts import standard
    from orchestration.registry import RegistryError, load_registry

    try:
        known = load_registry(registry)
    except RegistryError as error:
        say(
            f"The registry in {registry} cannot be used: {error}\nIt says which providers and "
            "services there are. Ask your commissioner for its three files, and name their folder: "
            "--registry"
        )
        sys.exit(2)
    if provider and provider_of(known, provider) is None:
        say(f"{provider} is no provider of the registry in {registry}.")
    day = as_at.date() if as_at else date.today()
    checked = check_return(path, provider, standard(), known, day)
    click.echo(ANSWERS[answer](checked, standard()), nl=False)
    sys.exit(0 if checked.accepted else 1)


@main.command()
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path, file_okay=False))
@click.option("--providers", type=click.IntRange(1), default=12, show_default=True)
@click.option("--months", type=click.IntRange(1), default=24, show_default=True)
@click.option(
    "--people", type=click.IntRange(1), default=1500, show_default=True,
    help="How many people are ever known to any provider.",
)  # fmt: skip
@click.option(
    "--faults", type=click.FloatRange(0, 1), default=0.0, show_default=True,
    help="The share of rows that get a fault; above 0, some returns are missing or rejected too.",
)  # fmt: skip
@click.option("--seed", type=int, default=1, show_default=True)
@click.option(
    "--as-at", type=DAY, envvar="OUTCOMES_AS_AT", help="The last month is the one before."
)
def sample(
    folder: Path, providers: int, months: int, people: int, faults: float, seed: int,
    as_at: datetime | None,
) -> None:  # fmt: skip
    """Made-up returns and a registry, of any size; the same for the same seed."""
    from orchestration.sample import write_sample

    day: dict[str, Any] = {"as_at": as_at.date()} if as_at else {}
    try:
        written = write_sample(
            folder,
            providers=providers,
            months=months,
            people=people,
            faults=faults,
            seed=seed,
            **day,
        )
    except (ValueError, FileExistsError) as error:
        say(f"No sample was made: {error}.")
        sys.exit(2)
    say(f"{written.files} returns in {folder / 'returns'}, a registry in {folder / 'registry'}")


@main.command()
@click.argument("path", metavar="PATH.xlsx", type=click.Path(path_type=Path))
@click.option("--overwrite", is_flag=True, help="Write over a file that is already there.")
def template(path: Path, overwrite: bool) -> None:
    """An empty return as a workbook, to be filled in: headings, drop-down lists, a guide."""
    from orchestration.template.workbook import TemplateError, write_template

    try:
        write_template(path, overwrite=overwrite)
    except TemplateError as error:
        say(f"No template was written: {error}.")
        sys.exit(2)
    say(f"An empty return in {path}")


@main.command()
@BUILD
@click.option(
    "--pages",
    type=click.Path(path_type=Path, file_okay=False, exists=True),
    help="The folder of the pages; the project's own `site` unless given.",
)
@click.option("--watch", is_flag=True, help="Serve it, and make it anew whenever a page changes.")
@click.option("--port", type=click.IntRange(1, 65535), default=8001, show_default=True)
def site(build: Path, pages: Path | None, watch: bool, port: int) -> None:
    """A preview for those who write pages, in DIR/preview: the last release's figures in the pages
    as they are now. Nothing is published.

    Exit status: 0 made, or watched until it was ended; 1 a page is wrong; 2 there is no release.
    """
    from orchestration.publish.preview import NothingPublished, preview
    from orchestration.publish.preview import watch as watch_pages
    from orchestration.publish.site import SITE

    settings = settings_of(Path("returns"), Path("registry"), build, None)
    try:
        shown = preview(settings, pages.absolute() if pages else SITE)
    except NothingPublished as error:
        say(str(error))
        sys.exit(2)
    if watch:
        try:
            watch_pages(shown, port, say)
        except OSError as error:
            say(f"The preview cannot be served on port {port}: {error}. Name another: --port")
            sys.exit(2)
        return
    sys.exit(0 if shown.make(say) else 1)


@main.command()
@places
@click.option("--format", "answer", type=click.Choice(("text", "json")), default="text",
              show_default=True)  # fmt: skip
def doctor(returns: Path, registry: Path, build: Path, as_at: datetime | None, answer: str) -> None:
    """Is this installation in order? Says what is wrong and what to do; changes nothing.

    Exit status: 0 nothing is wrong; 1 something is; 2 wrong usage.
    """
    from orchestration.doctor.examination import FORMATS, examine

    findings = examine(settings_of(returns, registry, build, as_at))
    click.echo(FORMATS[answer](findings), nl=False)
    sys.exit(1 if any(one.is_wrong for one in findings) else 0)


@main.command()
@places
@click.option("--port", type=click.IntRange(1, 65535), default=3000, show_default=True)
def serve(returns: Path, registry: Path, build: Path, as_at: datetime | None, port: int) -> None:
    """Dagster's own web page and daemon, with the nightly schedule and the inbox sensor on."""
    from orchestration.serve import serve as run_server

    settings = settings_of(returns, registry, build, as_at)
    try:
        sys.exit(run_server(settings, port, as_at is not None, say))
    except SettingsError as error:
        say(f"Nothing was started: {error}.")
        sys.exit(2)


@main.command()
@BUILD
def releases(build: Path) -> None:
    """The releases that are kept, the newest first, with how many figures each added, changed and
    removed. A star marks the one that is up."""
    from orchestration.past_releases import past_releases

    for one in past_releases(settings_of(Path("returns"), Path("registry"), build, None)):
        release = one.release
        click.echo(
            f"{'*' if one.is_up else ' '} {release.release_id}  "
            f"published {release.published_at:%Y-%m-%d %H:%M} UTC  as at {release.as_at}  "
            f"{one.told}{'  taken back' * release.is_taken_back}"
        )


@main.command()
@click.argument("release")
@BUILD
def rollback(release: str, build: Path) -> None:
    """Puts RELEASE back up, in one step. Later ones are marked as taken back: no refresh publishes
    them again until something changes.

    Exit status: 0 it is up; 2 there is no such release; 4 a refresh holds the lock.
    """
    from orchestration.lock import LockHeld
    from orchestration.past_releases import NoSuchRelease, roll_back

    try:
        settings = settings_of(Path("returns"), Path("registry"), build, None)
        taken_back = roll_back(settings, release)
    except NoSuchRelease as error:
        say(str(error))
        sys.exit(2)
    except LockHeld as error:
        say(f"Nothing was done: {error}.")
        sys.exit(4)
    say(f"Release {release} is up at {settings.public}.")
    for one in taken_back:
        say(f"Taken back: {one}. To put it up again: outcomes rollback {one}")


@main.command()
@click.argument("release")
@click.argument("into", metavar="DIR", type=click.Path(path_type=Path, file_okay=False))
@BUILD
def recompute(release: str, into: Path, build: Path) -> None:
    """Computes a past RELEASE again, from the returns and the registry that it was made of, as at
    its day, into the new folder DIR, and says whether it comes out the same.

    Exit status: 0 every data file is the same; 1 some differ; 2 it cannot be computed again.
    """
    from orchestration.past_releases import NoSuchRelease
    from orchestration.past_releases import recompute as compute_again

    settings = settings_of(Path("returns"), Path("registry"), build.absolute(), None)
    try:
        again = compute_again(settings, release, into.absolute(), say)
    except (NoSuchRelease, FileExistsError) as error:
        say(str(error))
        sys.exit(2)
    if again.is_other_code:
        say("The code or the rules are not those of that release, so it may well differ.")
    if again.differing:
        say(f"These files differ: {', '.join(again.differing)}. The new ones: {again.public}/data")
        sys.exit(1)
    say(f"Every data file of release {release} came out the same: {again.public}/data")


@main.command("provider-access")
@click.argument("code")
@REGISTRY
@BUILD
@click.option(
    "--file",
    type=click.Path(path_type=Path, dir_okay=False),
    help="The file of accounts, for nginx; `provider-access` in the build folder unless given.",
)
@click.option("--remove", is_flag=True, help="Take the account away.")
def provider_access(
    code: str, registry: Path, build: Path, file: Path | None, remove: bool
) -> None:
    """Makes the account by which the provider CODE reads its report over the web, or gives it a new
    password, which is shown once, on standard output, and kept nowhere.

    Exit status: 0 done; 2 there is no such provider or account, or the file cannot be kept.
    """
    from orchestration.provider_access import AccessError, grant
    from orchestration.provider_access import remove as take_away
    from orchestration.registry import RegistryError, load_registry

    settings = settings_of(Path("returns"), registry, build, None)
    try:
        if remove:
            say(f"The account {take_away(settings, code, file)} is gone.")
            return
        account, password = grant(settings, load_registry(settings.registry), code, file)
    except RegistryError as error:
        say(f"The registry in {settings.registry} cannot be used. {error}")
        sys.exit(2)
    except AccessError as error:
        say(f"Nothing was done: {error}.")
        sys.exit(2)
    say(f"The account {account} has this new password, which is shown this once:")
    click.echo(password)


@main.command()
@BUILD
@click.option("--master", default=LOCAL, show_default=True, help="Where Spark is to run.")
@click.option(
    "--memory", default=MEMORY, show_default=True, help="How much the process of Java may take."
)
def spark(build: Path, master: str, memory: str) -> None:
    """Computes the measures and indicators of the last refresh once more, on Spark, in DIR/spark,
    and says whether every cell is the warehouse's. Needs the extra `spark`, and Java.

    Exit status: 0 every cell is the same; 1 some differ, or a model failed; 2 it cannot be run; 4 a
    refresh holds the lock.
    """
    from orchestration.lock import LockHeld
    from orchestration.transform.spark.run import (
        NothingToCompare,
        SparkBuildFailed,
        compare_on_spark,
    )
    from orchestration.transform.spark.session import SparkMissing

    settings = settings_of(Path("returns"), Path("registry"), build, None)
    try:
        compared = compare_on_spark(settings, say, master, memory)
    except (NothingToCompare, SparkMissing) as error:
        say(f"Nothing was done: {error}.")
        sys.exit(2)
    except LockHeld as error:
        say(f"Nothing was done: {error}.")
        sys.exit(4)
    except SparkBuildFailed as error:
        say(f"{error}.")
        sys.exit(1)
    for one in compared:
        click.echo(
            f"{one.table}: {one.cells} cells of both, {one.only_duckdb} of DuckDB alone, "
            f"{one.only_spark} of Spark alone; {one.differing} differ; "
            f"the largest difference is {one.largest_difference:.1e}"
        )
    sys.exit(0 if all(one.is_equal for one in compared) else 1)
