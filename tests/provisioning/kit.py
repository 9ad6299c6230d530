"""What the tests of provisioning share: progress kept in memory, webhooks that only remember."""

from dataclasses import dataclass, field


@dataclass
class Remembered:
    """Progress as the state keeps it, in memory; `die_after` steps it fails as a kill would."""

    begun: tuple[str, frozenset[str]] | None = None
    steps: list[str] = field(default_factory=list)
    finished: list[str] = field(default_factory=list)
    die_after: int | None = None

    async def unfinished(self):
        return self.begun

    async def begin(self, plan):
        self.begun = (plan.seal, plan.coverage)

    async def taken(self, step):
        self.steps.append(step.id)
        if self.die_after is not None and len(self.steps) >= self.die_after:
            raise KilledError(step.id)

    async def finish(self, seal, _site):
        self.finished.append(seal)
        self.begun = None


class KilledError(Exception):
    """The process dies here."""


@dataclass
class Watching:
    """Webhooks that remember the lists they were told to watch."""

    ids: set[str] = field(default_factory=set)

    async def watched(self, _site):
        return frozenset(self.ids)

    async def watch(self, _spec, _area, found, _site):
        self.ids.add(found.id)
