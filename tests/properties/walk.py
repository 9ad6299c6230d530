"""Staff at work, in an order by chance that a seed repeats: the acts of a controlled library."""

from __future__ import annotations

import random
from collections import Counter
from typing import TYPE_CHECKING, Any

from local.demo.writing import Control, to_docx
from sync.sweep import sweep
from tests import tenant_kit as kit

if TYPE_CHECKING:
    from tests.flow_kit import Desk

AREAS = ("controlled", "working")
LISTS = (*AREAS, "restricted", "registry")
REFUSALS = {403, 404, 409, 423}
"""What staff may be told: closed to them, gone, name taken, checked out by somebody else."""
OTHERS = 0.3
TITLES = (
    "Image Sharing Plan",
    "Reporting Standard",
    "Reading Protocol",
    "Rota (final)",
    "Übersicht",
)
LABELS = ("V0.1", "V0.2", "V0.10", "V1", "V2", "final", "v1.0", "")
TEXTS = (
    "What the network does, and why.",
    "It replaces [Gov-02] and refers to [ToR-01].",
    "COMMERCIAL IN CONFIDENCE",
    "Patient John Smith, NHS number 943 476 5919, born 01/02/1950",
)
COLUMNS = {
    "DocumentNumber": ("", "Gov-01", "Op-02", "nonsense"),
    "VersionLabel": ("", "V0.1", "V3", "newest"),
    "DocumentType": ("", "Policy", "Strategy"),
    "ApprovedBy": ("", "Network Executive Board"),
    "Title": ("", "Another title"),
    "Sensitivity": ("", "Official", "Official-Sensitive: Personal"),
    "ControlStatus": ("", "In order"),
    "ControlReason": ("", "I say it is all right"),
}


class Walk:
    """`done` counts the acts by name, `refused` those that Microsoft 365 refused to staff."""

    def __init__(self, desk: Desk, seed: int) -> None:
        self.desk = desk
        self.chance = random.Random(seed)  # noqa: S311 -- a walk that can be repeated
        self.live: list[dict[str, Any]] = []
        self.gone: list[dict[str, Any]] = []
        self.out: set[str] = set()
        self.done: Counter[str] = Counter()
        self.refused: Counter[str] = Counter()

    async def steps(self, count: int, most: int = 3) -> None:
        """Act `count` times; Verger looks after every one to `most` acts, as notices would come."""
        left = 0
        for _ in range(count):
            self.step()
            left = left - 1 if left > 0 else self.chance.randrange(most)
            if left == 0:
                await self.look()

    def step(self) -> None:
        acts = [self.upload] * 3
        if self.live:
            acts += [self.overwrite] * 3 + [self.rename, self.move, self.edit, self.edit]
            acts += [self.delete, self.copy, self.check_out, self.publish]
        acts += [self.restore] if self.gone else []
        acts += [self.check_in] * 2 if self.taken() else []
        act = self.chance.choice(acts)
        self.done[act.__name__] += 1
        act()

    async def look(self) -> None:
        """Let the libraries be drained once and rows be worked on; more may be left to do.

        Where staff do nothing themselves, Verger looks now and then.
        """
        for area in LISTS if self.chance.random() < OTHERS else AREAS:
            await self.desk.drain(area)
            await self.desk.work_off(area)

    async def rest(self) -> None:
        """Put every file back, let the locks' waits pass, and let Verger come to its rest."""
        for item in self.taken():
            self._check_in(item)
        for _ in range(2):
            self.desk.tenant.advance(3600)
            await sweep(self.desk.service)
            for area in LISTS:
                await self.desk.settle(area)

    def upload(self) -> None:
        area = self.chance.choice(AREAS)
        name = self._name()
        data = self._data(name)
        answer = self._ask("PUT", f"/root:/{name}:/content", area=area, content=data)
        if answer is not None:
            known = [one["id"] for one in self.live]
            self.live += [answer] if answer["id"] not in known else []

    def overwrite(self) -> None:
        item = self._pick()
        self._on(item, "PUT", "/content", content=self._data(item["name"]))

    def rename(self) -> None:
        self._on(self._pick(), "PATCH", "", json={"name": self._name()})

    def move(self) -> None:
        item = self._pick()
        folder = {"name": f"shelf {self.chance.randrange(3)}", "folder": {}}
        drive = item["parentReference"]["driveId"]
        asked = self._client().post(f"/v1.0/drives/{drive}/root/children", json=folder)
        if asked.status_code == 409:
            asked = self._client().get(f"/v1.0/drives/{drive}/root:/{folder['name']}")
        asked.raise_for_status()
        self._on(item, "PATCH", "", json={"parentReference": {"id": asked.json()["id"]}})

    def edit(self) -> None:
        name = self.chance.choice(list(COLUMNS))
        values = {name: self.chance.choice(COLUMNS[name]) or None}
        self._on(self._pick(), "PATCH", "/listItem/fields", json=values)

    def delete(self) -> None:
        item = self._pick()
        if self._on(item, "DELETE", "") and item in self.live:
            self.live.remove(item)
            self.gone.append(item)

    def restore(self) -> None:
        item = self.gone.pop(self.chance.randrange(len(self.gone)))
        if self._on(item, "POST", "/restore", json={}):
            self.live.append(item)

    def copy(self) -> None:
        item = self._pick()
        drive = item["parentReference"]["driveId"]
        root = self._client().get(f"/v1.0/drives/{drive}/root").json()["id"]
        place = {"driveId": drive, "id": root}
        body = {"parentReference": place, "name": f"Copy {sum(self.done.values())}.docx"}
        self._on(item, "POST", "/copy", json=body)

    def check_out(self) -> None:
        item = self._pick()
        if item["id"] not in self.out:
            self._check_out(item)

    def check_in(self) -> None:
        self._check_in(self.chance.choice(self.taken()))

    def publish(self) -> None:
        item = self._pick()
        if item["id"] not in self.out and self._check_out(item):
            self._check_in(item, comment="as agreed", checkInAs="published")

    def taken(self) -> list[dict[str, Any]]:
        """Return the files that are checked out; one that was deleted so comes back so."""
        return [one for one in self.live if one["id"] in self.out]

    def _check_out(self, item: dict[str, Any]) -> bool:
        done = self._on(item, "POST", "/checkout")
        self.out |= {item["id"]} if done else set()
        return done

    def _check_in(self, item: dict[str, Any], **body: str) -> None:
        if self._on(item, "POST", "/checkin", json=body or {"comment": "done"}):
            self.out.discard(item["id"])

    def _pick(self) -> dict[str, Any]:
        return self.chance.choice(self.live)

    def _name(self) -> str:
        kind = self.chance.choice(("docx", "docx", "docx", "txt"))
        number = self.chance.choice(("", f"Gov-{self.chance.randrange(1, 9):02}", "ToR-01"))
        told = (number, self.chance.choice(TITLES), self.chance.choice(LABELS))
        return f"{' '.join(part for part in told if part)}.{kind}"

    def _data(self, name: str) -> bytes:
        """Return content of the kind the name says, but seldom: a broken file is slow to read."""
        title, text = self.chance.choice(TITLES), self.chance.choices(TEXTS, (6, 3, 1, 1))[0]
        text = f"{text} Seen {self.chance.randrange(10**6)}."
        if name.endswith(".txt") != (self.chance.random() < 0.05):
            return text.encode()
        number = self.chance.choice(("", f"Gov-{self.chance.randrange(1, 9):02}"))
        label = self.chance.choice(LABELS)
        control = Control(title, label, number, "", "all staff")
        return to_docx(title, (text,), control if self.chance.random() < 0.7 else None)

    def _client(self) -> Any:
        return self.desk.person(kit.HELEN)

    def _on(self, item: dict[str, Any], method: str, way: str, **body: Any) -> bool:
        """Act on a known file; what is gone for staff leaves the walk. False when refused."""
        drive = item["parentReference"]["driveId"]
        answer = self._client().request(
            method, f"/v1.0/drives/{drive}/items/{item['id']}{way}", **body
        )
        if answer.status_code in {403, 404} and item in self.live:
            self.live.remove(item)
        return self._allowed(answer)

    def _ask(self, method: str, way: str, *, area: str, **body: Any) -> Any:
        path = f"/v1.0/drives/{self.desk.drives[area]}{way}"
        answer = self._client().request(method, path, **body)
        return answer.json() if self._allowed(answer) else None

    def _allowed(self, answer: Any) -> bool:
        if answer.status_code in REFUSALS:
            self.refused[f"{answer.request.method} {answer.status_code}"] += 1
            return False
        assert answer.is_success, answer.text
        return True
