"""What the sample county consists of, as plain rows with their ids: a pure function of the seed.

Ids are given out here, so that paths and references are known before anything is inserted.
"""

# A sample has to come out the same every time, which is what `random` is for.
# ruff: noqa: S311

from __future__ import annotations

import random
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cache
from itertools import product
from typing import Any, Literal

from storage.areas import Level, area_key, household_key
from storage.names import DATA, pinyin
from storage.phones import phone_digest
from storage.posts import Role
from storage.vault import Vault

ScaleName = Literal["small", "county"]
SCALES: tuple[ScaleName, ...] = ("small", "county")
Row = dict[str, Any]

SHARE_WITH_GROUPS = 0.08
"""One household in twelve has someone of a special group: the sample's guess, no statistic."""


@dataclass(frozen=True, slots=True)
class Scale:
    """How much of everything there is; the figures and their source stand in data/sample.toml."""

    communities: int
    compounds: int
    households: int
    households_per_building: int
    liaisons: int
    grid_workers: int
    social_workers: int
    errand_helpers: int
    community_committee: int
    community_officers: int
    lawyers: int
    mediators: int
    red_patrol: int
    property_managers: int
    admins: int
    residents: int
    entries: int


@cache
def _file() -> dict[str, Any]:
    return tomllib.loads((DATA / "sample.toml").read_text("utf-8"))


def scale_of(name: ScaleName) -> Scale:
    """The figures of a scale."""
    return Scale(**_file()["scales"][name])


def _share(total: int, weights: list[int]) -> list[int]:
    """Split `total` in proportion to `weights`, in whole numbers that add up."""
    whole = sum(weights)
    parts = [total * weight // whole for weight in weights]
    by_remainder = sorted(range(len(weights)), key=lambda i: (-(total * weights[i] % whole), i))
    for i in by_remainder[: total - sum(parts)]:
        parts[i] += 1
    return parts


@dataclass(slots=True)
class Rows:
    """Everything to be inserted, table by table."""

    areas: list[Row] = field(default_factory=list)
    households: list[Row] = field(default_factory=list)
    people: list[Row] = field(default_factory=list)
    posts: list[Row] = field(default_factory=list)
    entries: list[Row] = field(default_factory=list)


class Planner:
    """Makes the rows of one sample. `first_person` is the first free id of people."""

    def __init__(
        self, name: ScaleName, seed: int, vault: Vault, now: datetime, first_person: int
    ) -> None:
        self.scale = scale_of(name)
        self.words: dict[str, Any] = _file()["words"]
        self.rng = random.Random(f"{name}:{seed}")
        self.vault = vault
        self.now = now
        self.next_person = first_person
        self.phones = 0
        self.rows = Rows()
        self.communities: list[Row] = []
        self.compounds: list[Row] = []
        self.buildings: dict[int, list[Row]] = {}
        self.homes: dict[int, list[Row]] = {}

    def plan(self) -> Rows:
        """All rows of the sample."""
        self._lay_out()
        self._post_people()
        self._settle_residents()
        self._list_services()
        return self.rows

    # Places

    def _area(self, parent: Row | None, level: Level, name: str, key: str, households: int) -> Row:
        area_id = len(self.rows.areas) + 1
        full, initials = pinyin(name) if name else ("", "")
        row = {
            "id": area_id,
            "parent_id": parent["id"] if parent else None,
            "level": level.value,
            "name": name,
            "name_key": key,
            "path": f"{parent['path'] if parent else '/'}{area_id}/",
            "pinyin": full,
            "initials": initials,
            "declared_households": households,
        }
        self.rows.areas.append(row)
        return row

    def _named(self, parent: Row | None, level: Level, name: str, households: int = 0) -> Row:
        return self._area(parent, level, name, area_key(level, name), households)

    def _compound_names(self) -> Iterator[str]:
        first: list[str] = self.words["first_compounds"]
        pairs = product(self.words["compound_heads"], self.words["compound_tails"])
        rest = sorted({head + tail for head, tail in pairs} - set(first))
        self.rng.shuffle(rest)
        yield from first
        yield from rest

    def _lay_out(self) -> None:
        scale = self.scale
        self.county = self._named(None, Level.COUNTY, self.words["county"])
        for name in self.words["communities"][: scale.communities]:
            self.communities.append(self._named(self.county, Level.COMMUNITY, f"{name}社区"))
        names = self._compound_names()
        for community, number in zip(
            self.communities, _share(scale.compounds, [1] * scale.communities), strict=True
        ):
            for _ in range(number):
                self.compounds.append(self._named(community, Level.COMPOUND, next(names)))
        weights = [self.rng.randint(70, 130) for _ in self.compounds]
        sizes = _share(scale.households, weights)
        for compound, size in zip(self.compounds, sizes, strict=True):
            self._build(compound, size)

    def _build(self, compound: Row, size: int) -> None:
        """The buildings of a compound and their doors, two to a landing."""
        number = max(2, round(size / self.scale.households_per_building))
        shares = _share(size, [1] * number)
        self.buildings[compound["id"]] = [
            self._named(compound, Level.BUILDING, f"{i}栋", share)
            for i, share in enumerate(shares, 1)
        ]
        self.homes[compound["id"]] = homes = []
        for building, share in zip(self.buildings[compound["id"]], shares, strict=True):
            units = 1 if share < 12 else 2
            for i in range(share):
                floor, landing = divmod(i, units * 2)
                unit, side = divmod(landing, 2)
                door = f"{unit + 1}单元{floor + 1}{side + 1:02d}"
                homes.append(self._home(building, door))

    def _home(self, building: Row, door: str) -> Row:
        key = household_key(self.vault, building["id"], door)
        area = self._area(building, Level.HOUSEHOLD, "", key, 0)
        some = self.rng.random() < SHARE_WITH_GROUPS
        phone = self._phone()
        home = {
            "area_id": area["id"],
            "door": door,
            "householder": self._name(),
            "phone": phone,
            "phone_hash": phone_digest(self.vault, phone),
            "groups": [self.rng.choice(self.words["groups"])] if some else [],
        }
        self.rows.households.append(home)
        return home

    # People

    def _phone(self) -> str:
        """Numbers counted up from 199 0000 0000: well-formed, and plainly nobody's choice."""
        self.phones += 1
        return f"1990{self.phones:07d}"

    def _name(self) -> str:
        surname: str = self.rng.choice(self.words["surnames"])
        given: str = self.rng.choice(self.words["given"])
        return surname + given

    def _person(self, home: Row | None = None) -> Row:
        phone = home["phone"] if home else self._phone()
        row = {
            "id": self.next_person,
            "name": home["householder"] if home else self._name(),
            "phone": phone,
            "phone_hash": home["phone_hash"] if home else phone_digest(self.vault, phone),
            "phone_proven": True,
            "home_id": home["area_id"] if home else None,
            "consented_at": self.now if home else None,
            "created_at": self.now,
        }
        self.next_person += 1
        self.rows.people.append(row)
        return row

    def _post(
        self,
        person: Row,
        role: Role,
        area_id: int,
        unit: str = "",
        handles: list[str] | None = None,
    ) -> Row:
        row = {
            "id": len(self.rows.posts) + 1,
            "person_id": person["id"],
            "role": role.value,
            "area_id": area_id,
            "since": None,
            "until": None,
            "deputy_id": None,
            "unit": unit,
            "handles": handles or [],
        }
        self.rows.posts.append(row)
        return row

    def _spread(self, role: Role, number: int, places: list[Row]) -> list[list[Row]]:
        """`number` new people as evenly as possible over `places`; their posts, by place."""
        shares = _share(number, [1] * len(places))
        return [
            [self._post(self._person(), role, place["id"]) for _ in range(share)]
            for place, share in zip(places, shares, strict=True)
        ]

    @staticmethod
    def _chain(posts: list[Row], last: Row | None = None) -> None:
        """Each stands in for the one before; a chain, because a ring of deputies is refused."""
        for post, following in zip(posts, [*posts[1:], last], strict=True):
            post["deputy_id"] = following["person_id"] if following else None

    def _post_people(self) -> None:
        scale, towns = self.scale, self.communities
        self._spread(Role.ADMIN, scale.admins, [self.county])
        self._spread(Role.COMMUNITY_COMMITTEE, scale.community_committee, towns)
        workers = self._spread(Role.SOCIAL_WORKER, scale.social_workers, towns)
        for team in workers:
            self._chain(team)
        self._spread(Role.COMMUNITY_OFFICER, scale.community_officers, towns)
        self._spread(Role.LAWYER, scale.lawyers, towns)
        self._spread(Role.MEDIATOR, scale.mediators, towns)
        self._spread(Role.RED_PATROL, scale.red_patrol, towns)
        self._post_grid_workers(
            {town["id"]: team[0] for town, team in zip(towns, workers, strict=True)}
        )
        self._spread(Role.COMPOUND_SECRETARY, scale.compounds, self.compounds)
        self._spread(Role.OWNERS_COMMITTEE, scale.compounds, self.compounds)
        managed = self.compounds[: scale.property_managers]
        self._spread(Role.PROPERTY_MANAGER, scale.property_managers, managed)
        for compound in self.compounds:
            beneath = self.buildings[compound["id"]]
            self._spread(Role.BUILDING_STEWARD, len(beneath), beneath)
        self._post_liaisons()
        self._post_units()
        self._spread(Role.ERRAND_HELPER, scale.errand_helpers, towns)

    def _post_units(self) -> None:
        """A person for each county department, and for each member unit of a community."""
        for one in self.words["departments"]:
            area_id = self.county["id"]
            self._post(self._person(), Role.DEPARTMENT, area_id, one["unit"], one["handles"])
        for town in self.communities:
            for one in self.words["units"]:
                self._post(self._person(), Role.MEMBER_UNIT, town["id"], one["unit"])

    def _post_grid_workers(self, social: dict[int, Row]) -> None:
        """A compound has one worker or, while there are more workers than compounds, two.

        The small sample's two workers have three compounds: the second answers for the rest.
        """
        team: dict[int, list[Row]] = {}
        people = [self._person() for _ in range(self.scale.grid_workers)]
        places = max(len(people), len(self.compounds))
        for i in range(places):
            compound = self.compounds[i % len(self.compounds)]
            person = people[min(i, len(people) - 1)]
            post = self._post(person, Role.GRID_WORKER, compound["id"])
            team.setdefault(compound["parent_id"], []).append(post)
        for town, posts in team.items():
            by_person = {post["person_id"]: post for post in posts}
            self._chain(list(by_person.values()), social[town])
            for post in posts:
                post["deputy_id"] = by_person[post["person_id"]]["deputy_id"]

    def _post_liaisons(self) -> None:
        sizes = [len(self.homes[compound["id"]]) for compound in self.compounds]
        for compound, number in zip(
            self.compounds, _share(self.scale.liaisons, sizes), strict=True
        ):
            homes = iter(self.homes[compound["id"]])
            people = [self._person() for _ in range(number)]
            shares = _share(len(self.homes[compound["id"]]), [1] * number)
            for i, (person, share) in enumerate(zip(people, shares, strict=True)):
                deputy = people[i + 1]["id"] if i + 1 < number else None
                for _ in range(share):
                    post = self._post(person, Role.LIAISON, next(homes)["area_id"])
                    post["deputy_id"] = deputy

    def _settle_residents(self) -> None:
        """A few householders who have spoken with the bot already, spread over the compounds."""
        for i in range(self.scale.residents):
            homes = self.homes[self.compounds[i % len(self.compounds)]["id"]]
            self._person(homes[(i // len(self.compounds)) * 7 % len(homes)])

    # The directory

    def _list_services(self) -> None:
        hotlines: list[Row] = self.words["hotlines"]
        for line in hotlines:
            self._entry({**line, "address": "", "area_id": None})
        trades, used = self.words["trades"], set[tuple[str, str]]()
        while len(self.rows.entries) < self.scale.entries:
            trade = trades[len(self.rows.entries) % len(trades)]
            compound = self.rng.choice(self.compounds)
            head = self.rng.choice(self.words["surnames"]) + self.rng.choice("记家师氏")
            name = head + self.rng.choice(trade["tails"])
            if (compound["name"], name) in used:
                continue
            used.add((compound["name"], name))
            self._entry(
                {
                    "category": trade["category"],
                    "name": name,
                    "phone": f"19909{len(self.rows.entries):06d}",
                    "address": f"{compound['name']}{self.rng.choice('东西南北')}门",
                    "area_id": compound["id"],
                    "offers": trade["offers"],
                    "hours": trade["hours"],
                }
            )

    def _entry(self, row: Row) -> None:
        """Most were verified within a year; a few long ago, and one or two too long ago."""
        nth = len(self.rows.entries) + 1
        days = 600 if nth % 31 == 0 else 400 if nth % 13 == 0 else nth * 37 % 330
        verified_on = self.now.date() - timedelta(days=days)
        self.rows.entries.append({**row, "verified_on": verified_on})
