"""The clean tables of all returns together: what each provider would send for each month.

State tables (episodes, stays, admissions) show what is known on the last day of the month: an end
that lies later is not there yet. Cells are what they mean (dates, numbers, text, None where
empty); how a provider writes them is decided in `styles`.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from expectations.standard import Provider, Standard
from orchestration.sample.caseload import CareMonths, care_months, first_month, last_month
from orchestration.sample.contacts import plan_contacts
from orchestration.sample.draws import (
    NEVER,
    FloatArray,
    IntArray,
    ObjArray,
    chance,
    none_where,
    places_within,
    runs,
)
from orchestration.sample.episodes import Episodes, plan_episodes
from orchestration.sample.events import plan_handovers, plan_outcomes, plan_reviews
from orchestration.sample.homes import (
    BETTER,
    Spells,
    destinations,
    ended_by_custody,
    plan_homes,
)
from orchestration.sample.hospital import Admissions, plan_admissions
from orchestration.sample.money import plan_costs
from orchestration.sample.people import People, plan_people
from orchestration.sample.registry import SampleRegistry
from orchestration.sample.scores import plan_scores
from orchestration.sample.services import Services, plan_services
from orchestration.sample.setting import Setting
from orchestration.sample.window import Window, as_dates
from orchestration.sample.words import plan_narratives

# Services get to know most of a person's groups besides the first.
KNOWS_GROUP = 0.85


NONE: IntArray = np.zeros(0, dtype=np.int64)


@dataclass(frozen=True)
class Cells:
    """A table of all returns: columns of one length, sorted by return.

    `returns` is provider x months + month for each row; `links` holds the numbers of the person
    (as known to the provider) and the episode of each row, where the table has them. `ragged`
    holds the places of rows whose CSV line has a cell too many (1) or too few (-1), in order.
    """

    returns: IntArray
    columns: dict[str, ObjArray]
    links: dict[str, IntArray]
    ragged: tuple[IntArray, IntArray] = (NONE, NONE)

    def __len__(self) -> int:
        return len(self.returns)


@dataclass(frozen=True)
class Known:
    """People as providers know them, one row for each provider and person, sorted by provider and
    then by when they first met. `of_episode` is the row of each episode."""

    provider: IntArray
    person: IntArray
    number: IntArray
    of_episode: IntArray


class _Names:
    """Identifiers: each provider has a manner of its own."""

    def __init__(self, providers: list[Provider], returns_each: int) -> None:
        self.providers = providers
        self.returns_each = returns_each

    def of(self, letter: str, provider: IntArray, number: IntArray) -> ObjArray:
        """An identifier for each provider and number, distinct for distinct numbers."""
        manners = ("{letter}", "{code}-{letter}", "{lower}.", "{letter}_")
        before = np.array(
            [
                manners[place % len(manners)].format(
                    letter=letter, lower=letter.lower(), code=one.provider_code
                )
                for place, one in enumerate(self.providers)
            ],
            dtype=object,
        )
        numbers = np.array(
            [f"{each:05d}" for each in range(int(number.max(initial=0)) + 1)], dtype=object
        )
        return np.asarray(before[provider] + numbers[number], dtype=object)

    def in_order(self, letter: str, returns: IntArray) -> ObjArray:
        """Identifiers for rows sorted by return: most providers number on from month to month,
        every fifth begins each return again."""
        provider = returns // self.returns_each
        again = provider % 5 == 4
        number = np.where(again, places_within(returns), places_within(provider)) + 1
        return self.of(letter, provider, number)


def make_tables(
    seed: int, standard: Standard, window: Window, registry: SampleRegistry, people: int
) -> dict[str, Cells]:
    """Plans everything and lays it out in the tables of the standard, the manifest left out."""
    setting = Setting(seed, standard, window, plan_services(registry, window))
    everybody = plan_people(setting, people)
    episodes, everybody = plan_episodes(setting, everybody)
    admissions = plan_admissions(setting, everybody, episodes)
    spells = plan_homes(setting, everybody, episodes, admissions)
    episodes = ended_by_custody(setting, spells, episodes)
    care = care_months(setting, episodes)
    providers = list(registry.registry.providers.values())
    layout = _Layout(setting, everybody, episodes, care, providers)
    outcomes, registered = plan_outcomes(setting, everybody, episodes, care)
    tables = {
        "people": layout.people(registered),
        "person_groups": layout.person_groups(),
        "episodes": layout.episodes_(),
    }
    contacts = plan_contacts(setting, episodes, care, spells)
    met = np.bincount(care.service[contacts.care], minlength=len(setting.kinds))
    tables["contacts"] = layout.events(
        "contacts",
        contacts.care,
        contacts.day,
        {
            "contact_type": layout.codes("contact_type", contacts.type),
            "attendance": layout.codes("attendance", contacts.attendance),
            "purpose": layout.codes("purpose", contacts.purpose),
            "bedded_down": layout.codes("yes_no", contacts.bedded_down),
            "duration_minutes": _numbers(contacts.minutes),
        },
    )
    handovers = plan_handovers(setting, episodes, care)
    tables["handovers"] = layout.events(
        "handovers",
        handovers.care,
        handovers.day,
        {
            "to_agency": layout.codes("agency", handovers.agency),
            "kind": layout.codes("handover_kind", handovers.kind),
            "result": layout.codes("handover_result", handovers.result),
        },
    )
    reviews = plan_reviews(setting, care)
    tables["case_reviews"] = layout.events(
        "case_reviews",
        reviews.care,
        reviews.day,
        {
            "multidisciplinary": layout.codes("yes_no", reviews.team),
            "agencies_present": _numbers(reviews.agencies),
        },
    )
    to = destinations(setting, spells, admissions)
    tables["admissions"] = layout.admissions(admissions, to)
    scores = plan_scores(setting, everybody, episodes, care)
    tables["assessments"] = layout.events(
        "assessments",
        scores.care,
        scores.day,
        {
            "measure": layout.codes("assessment_measure", scores.measure),
            "score": np.where(
                scores.decimals,
                scores.score.astype(object),
                scores.score.astype(np.int64).astype(object),
            ),
        },
    )
    tables["outcomes"] = layout.events(
        "outcomes", outcomes.care, outcomes.day, {"outcome": layout.codes("outcome", outcomes.code)}
    )
    tables["stays"] = layout.stays(spells)
    costs = plan_costs(setting, met)
    tables["costs"] = layout.by_service(
        "costs",
        costs.service,
        costs.month,
        {
            "cost_type": layout.codes("cost_type", costs.type),
            "amount_gbp": costs.amount.astype(object),
        },
    )
    told = plan_narratives(setting)
    tables["narratives"] = layout.by_service(
        "narratives",
        told.service,
        told.month,
        {
            "narrative_date": as_dates(told.day),
            "domain": layout.codes("domain", told.domain),
            "kind": layout.codes("narrative_kind", told.kind),
            "text": told.text,
            "consent_to_publish": layout.codes("yes_no", told.consent),
        },
    )
    return {name: tables[name] for name in standard.tables if name in tables}


def _known(services: Services, people: People, episodes: Episodes) -> Known:
    provider = services.provider[episodes.service]
    pair, of_pair = np.unique(provider * len(people) + episodes.person, return_inverse=True)
    met = np.full(len(pair), NEVER)
    np.minimum.at(met, of_pair, episodes.start)
    order = np.lexsort((pair, met, pair // len(people)))
    rank = np.empty(len(pair), dtype=np.int64)
    rank[order] = np.arange(len(pair))
    pair = pair[order]
    whose = pair // len(people)
    return Known(whose, pair % len(people), places_within(whose) + 1, rank[of_pair])


def _numbers(values: IntArray) -> ObjArray:
    """Whole numbers, None for those below 0."""
    return none_where(values < 0, values)


class _Layout:
    """Lays plans out as tables."""

    def __init__(
        self,
        setting: Setting,
        people: People,
        episodes: Episodes,
        care: CareMonths,
        providers: list[Provider],
    ) -> None:
        self.setting = setting
        self.standard = setting.standard
        self.window = setting.window
        self.services = setting.services
        self.everybody = people
        self.episodes = episodes
        self.care = care
        self.known = known = _known(setting.services, people, episodes)
        self.months = len(self.window.months)
        self.names = _Names(providers, self.months)
        self.person_id = self.names.of("P", known.provider, known.number)
        self.episode_id = self._episode_ids()
        keys = care.returns * len(known.person) + known.of_episode[care.episode]
        # The people of each return, once each.
        distinct = np.unique(keys)
        self.row_returns = distinct // len(known.person)
        self.row_known = distinct % len(known.person)

    def codes(self, name: str, places: IntArray) -> ObjArray:
        """The codes in those places of a code list, None for -1."""
        listed = self.setting.codes(name)
        return np.asarray(np.array([*listed, None], dtype=object)[places], dtype=object)

    def _episode_ids(self) -> ObjArray:
        provider = self.services.provider[self.episodes.service]
        order = np.lexsort((self.episodes.start, provider))
        number = np.empty(len(order), dtype=np.int64)
        number[order] = places_within(provider[order]) + 1
        return self.names.of("E", provider, number)

    def _sorted(
        self,
        returns: IntArray,
        then: tuple[IntArray, ...],
        columns: dict[str, ObjArray],
        links: dict[str, IntArray],
    ) -> Cells:
        """A table, sorted by return and then by those keys, the least important first."""
        order = np.lexsort((*then, returns))
        return Cells(
            returns[order],
            {name: column[order] for name, column in columns.items()},
            {name: link[order] for name, link in links.items()},
        )

    def _identified(self, table: str, cells: Cells) -> Cells:
        """The table with an identifier before the other columns."""
        key = self.standard.tables[table].keys[0].name
        ids = self.names.in_order(key[0].upper(), cells.returns)
        return Cells(cells.returns, {key: ids, **cells.columns}, cells.links)

    def people(self, registered: IntArray) -> Cells:
        """The people of each month, registered with a practice or not by its last day."""
        person, month = self.known.person[self.row_known], self.row_returns % self.months
        those = self.everybody
        by_then = registered[person] <= self.window.last[month]
        gp = np.where(by_then, self.setting.place("yes_no_unknown", "Y"), those.gp[person])
        born = np.where(those.birth_year[person] == 0, -1, those.birth_year[person])
        key = those.link_key[person]
        return Cells(
            self.row_returns,
            {
                "person_id": self.person_id[self.row_known],
                "link_key": none_where(key == "", key),
                "birth_year": _numbers(born),
                "gender": self.codes("gender", those.gender[person]),
                "ethnic_category": self.codes("ethnic_category", those.ethnicity[person]),
                "gp_registered": self.codes("yes_no_unknown", gp),
            },
            {"person": self.row_known},
        )

    def person_groups(self) -> Cells:
        """The groups of each person that their provider knows of; always the first one."""
        rng = self.setting.stream("groups known")
        those = self.everybody
        person = self.known.person
        heard = rng.random((len(person), those.groups.shape[1])) < KNOWS_GROUP
        groups = those.groups[person] & heard
        groups[np.arange(len(person)), those.group[person]] = True
        row, group = np.nonzero(groups[self.row_known])
        return Cells(
            self.row_returns[row],
            {
                "person_id": self.person_id[self.row_known[row]],
                "inclusion_group": self.codes("inclusion_group", group),
            },
            {"person": self.row_known[row]},
        )

    def episodes_(self) -> Cells:
        """The episodes of each month."""
        row, those = self.care.episode, self.episodes
        ended = those.end[row] <= self.window.last[self.care.month]
        return self._sorted(
            self.care.returns,
            (those.start[row],),
            {
                "episode_id": self.episode_id[row],
                "person_id": self.person_id[self.known.of_episode[row]],
                "service_code": self.services.codes[those.service[row]],
                "referral_date": as_dates(those.referral[row]),
                "start_date": as_dates(those.start[row]),
                "end_date": as_dates(np.where(ended, those.end[row], NEVER)),
                "end_reason": self.codes("end_reason", np.where(ended, those.end_reason[row], -1)),
            },
            {"person": self.known.of_episode[row], "episode": row},
        )

    def events(
        self, table: str, care: IntArray, day: IntArray, columns: dict[str, ObjArray]
    ) -> Cells:
        """A table of events of episodes, which have a date of their own."""
        fields = self.standard.tables[table].fields
        dated = next(one.name for one in fields if one.type == "date")
        episode = self.care.episode[care]
        cells = self._sorted(
            self.care.returns[care],
            (episode, day),
            {"episode_id": self.episode_id[episode], dated: as_dates(day), **columns},
            {"person": self.known.of_episode[episode], "episode": episode},
        )
        return self._identified(table, cells)

    def _by_month(
        self, episode: IntArray, start: IntArray, end: IntArray
    ) -> tuple[IntArray, IntArray]:
        """For spells told of by episodes, the rows and months in which they are sent."""
        first = first_month(self.setting, self.episodes)[episode]
        last = last_month(self.setting, self.episodes)[episode]
        first = np.maximum(first, self.window.month_of(start))
        last = np.minimum(last, self.window.month_of(end))
        row, later = runs(np.maximum(last - first + 1, 0))
        return row, first[row] + later

    def admissions(self, those: Admissions, to: IntArray) -> Cells:
        """The admissions of each month."""
        row, month = self._by_month(those.episode, those.admitted, those.discharged)
        episode = those.episode[row]
        provider = self.services.provider[self.episodes.service[episode]]
        left = those.discharged[row] <= self.window.last[month]
        return self._sorted(
            provider * self.months + month,
            (episode, those.admitted[row]),
            {
                "admission_id": self.names.of("A", provider, row + 1),
                "episode_id": self.episode_id[episode],
                "admitted_date": as_dates(those.admitted[row]),
                "discharged_date": as_dates(np.where(left, those.discharged[row], NEVER)),
                "method": self.codes("admission_method", those.method[row]),
                "reason": self.codes("admission_reason", those.reason[row]),
                "discharge_destination": self.codes(
                    "discharge_destination", np.where(left, to[row], -1)
                ),
            },
            {"person": self.known.of_episode[episode], "episode": episode},
        )

    def stays(self, spells: Spells) -> Cells:
        """Where people lived, told of by the main episodes of services that record it."""
        rng = self.setting.stream("stays")
        those = self.episodes
        luck = rng.random(len(self.known.person))[self.known.of_episode]
        asks = ~those.side & (luck < self.services.rates("housing")[those.service])
        own = np.flatnonzero(asks)
        held = np.bincount(spells.person, minlength=len(self.everybody))
        begins = np.cumsum(held) - held
        row, place = runs(held[those.person[own]])
        episode = own[row]
        spell = begins[those.person[episode]] + place
        service = those.service[episode]
        low = np.maximum(those.start[episode], self.services.first_day[service])
        high = np.minimum(those.end[episode], self.services.last_day[service])
        fits = (spells.end[spell] >= low) & (spells.start[spell] <= high)
        episode, spell = episode[fits], spell[fits]

        places = [self.setting.place("accommodation", each) for each in BETTER]
        better = np.isin(spells.state[spell], places)
        moved_in = (spells.start[spell] >= those.start[episode]) & (
            spells.start[spell] <= those.end[episode]
        )
        helps: FloatArray = self.services.rates("supports")[those.service[episode]]
        supported = better & moved_in & chance(rng, helps, len(episode))
        yes, no = self.setting.place("yes_no", "Y"), self.setting.place("yes_no", "N")

        row, month = self._by_month(episode, spells.start[spell], spells.end[spell])
        at, one = episode[row], spell[row]
        ended = spells.end[one] <= self.window.last[month]
        provider = self.services.provider[those.service[at]]
        return self._sorted(
            provider * self.months + month,
            (row, spells.start[one]),
            {
                "stay_id": self.names.of("S", provider, row + 1),
                "episode_id": self.episode_id[at],
                "accommodation": self.codes("accommodation", spells.state[one]),
                "start_date": as_dates(spells.start[one]),
                "end_date": as_dates(np.where(ended, spells.end[one], NEVER)),
                "end_reason": self.codes(
                    "stay_end_reason", np.where(ended, spells.reason[one], -1)
                ),
                "supported": self.codes("yes_no", np.where(supported[row], yes, no)),
            },
            {"person": self.known.of_episode[at], "episode": at},
        )

    def by_service(
        self, table: str, service: IntArray, month: IntArray, columns: dict[str, ObjArray]
    ) -> Cells:
        """A table of what belongs to a service rather than a person."""
        cells = self._sorted(
            self.services.provider[service] * self.months + month,
            (np.arange(len(service)), service),
            {"service_code": self.services.codes[service], **columns},
            {},
        )
        return self._identified(table, cells)
