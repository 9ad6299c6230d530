"""What differs is found by its class, what can't be read is unknown, and two reads must agree."""

from dataclasses import dataclass

import pytest

from sync.drift import Element, Report, agreeing, check, mode_of
from sync.errors import Refused
from sync.plan import Step
from sync.provisioning import Provisioner
from sync.tenant import rest
from sync.tenant.site_reader import site_url
from tests import tenant_kit as kit
from tests.provisioning.kit import Remembered

TITLE = "WMIN Core Team"


@dataclass(frozen=True)
class Way:
    """One way to change a site by hand, and the elements that are no longer as declared then."""

    path: str
    body: dict
    drifts: tuple[str, ...]
    method: str = "MERGE"


def field(name, owner="Web"):
    return f"{owner}/Fields/GetByInternalNameOrTitle('{name}')"


def by_title(title):
    return f"Web/Lists/GetByTitle('{title}')"


CONTROLLED, WORKING = by_title("Controlled documents"), by_title("Working documents")
WAYS = {
    "owned: a column is renamed": Way(
        field("ReviewDate"), rest.typed("SP.Field", Title="Next look"), ("column/ReviewDate",)
    ),
    "owned: a formatting is taken off": Way(
        field("ControlStatus", CONTROLLED),
        rest.typed("SP.Field", CustomFormatter=""),
        ("list column/controlled/ControlStatus",),
    ),
    "owned: drafts are shown to readers": Way(
        CONTROLLED, rest.typed("SP.List", DraftVersionVisibility=0), ("settings/controlled",)
    ),
    "owned: a rule is changed": Way(
        by_title("Risk register"),
        rest.typed("SP.List", ValidationFormula="=TRUE"),
        ("settings/risks",),
    ),
    "owned: a register shows people only their own rows": Way(
        by_title("Risk register"),
        rest.typed("SP.List", ReadSecurity=2, WriteSecurity=2),
        ("settings/risks",),
    ),
    "owned: a place set apart is opened": Way(
        f"{by_title('Quarantine')}/ResetRoleInheritance", {}, ("access/quarantine",), "POST"
    ),
    "owned: the restricted place is found by search": Way(
        by_title("Restricted"), rest.typed("SP.List", NoCrawl=False), ("settings/restricted",)
    ),
    "floor: fewer versions are kept": Way(
        WORKING, rest.typed("SP.List", MajorVersionLimit=5), ("settings/working",)
    ),
    "floor: approval is switched off": Way(
        CONTROLLED, rest.typed("SP.List", EnableModeration=False), ("settings/controlled",)
    ),
    "floor: an index is dropped": Way(
        field("ReviewDate", CONTROLLED),
        rest.typed("SP.Field", Indexed=False),
        ("list column/controlled/ReviewDate",),
    ),
    "floor: a choice is taken away": Way(
        field("DocumentStatus", CONTROLLED),
        rest.typed("SP.FieldChoice", Choices=rest.collection(["Draft"])),
        ("list column/controlled/DocumentStatus",),
    ),
    "floor: a member is taken out": Way(
        f"Web/SiteGroups/GetByName('{TITLE} Registrars')/Users/RemoveByLoginName("
        f"'i%3A0%23.f%7Cmembership%7C{kit.HELEN}')",
        {},
        ("group/registrars",),
        "POST",
    ),
    "floor: more versions are kept": Way(
        WORKING, rest.typed("SP.List", MajorVersionLimit=900), ()
    ),
    "floor: another choice is added": Way(
        field("Sensitivity"),
        rest.typed(
            "SP.FieldChoice",
            Choices=rest.collection(
                ["Ours", "Official", "Official-Sensitive: Commercial",
                 "Official-Sensitive: Personal"]
            ),
        ),
        (),
    ),
    "free: a description is rewritten": Way("Web", rest.typed("SP.Web", Description="Ours"), ()),
    "free: a list is taken off the menu": Way(
        WORKING, rest.typed("SP.List", OnQuickLaunch=False), ()
    ),
}  # fmt: skip


async def by_hand(tenant, spec, way):
    write = rest.Write(way.path, way.body, way.method)
    assert await rest.write_together(tenant, site_url(tenant, spec), [write], doing="interfere")


async def test_each_class_of_property_is_found_and_treated_as_it_should(cloud, tenant, spec, site):
    assert site.id
    assert (await check(tenant, spec)).state == "conforms"
    for name, way in WAYS.items():
        await by_hand(tenant, spec, way)
        first, second = await check(tenant, spec), await check(tenant, spec)
        assert tuple(one.id for one in second.of("drifted")) == way.drifts, name
        assert all(one.says for one in second.of("drifted")), name
        steps = agreeing(first, second)
        await Provisioner(tenant).mend(spec, steps, Remembered())
        assert (await check(tenant, spec)).state == "conforms", name
        cloud.advance(61)


async def test_mending_touches_nothing_but_what_was_chosen(tenant, spec, site):
    assert site.id
    for name in ("owned: a column is renamed", "floor: fewer versions are kept"):
        await by_hand(tenant, spec, WAYS[name])
    found = {one.id: one.step for one in (await check(tenant, spec)).of("drifted")}
    assert set(found) == {"column/ReviewDate", "settings/working"}
    await Provisioner(tenant).mend(spec, [found["settings/working"]], Remembered())
    left = (await check(tenant, spec)).of("drifted")
    assert [one.id for one in left] == ["column/ReviewDate"]


async def test_what_cannot_be_read_is_unknown_and_never_drift(monkeypatch, tenant, spec, site):
    assert site.id
    whole = rest.exchange

    async def refuse_groups(tenant, url, writes, reads, *, doing):
        if any("SiteGroups" in path for path in reads):
            raise Refused("no", doing=doing, status=403)
        return await whole(tenant, url, writes, reads, doing=doing)

    monkeypatch.setattr(rest, "exchange", refuse_groups)
    report = await check(tenant, spec)
    assert report.state == "unknown"
    assert {one.kind for one in report.of("unknown")} == {"group"}
    assert report.of("drifted") == ()


async def test_a_site_that_cannot_be_reached_is_wholly_unknown(cloud, tenant, spec):
    cloud.fault(
        {"kind": "refuse", "status": 403, "code": "accessDenied"}, match={"surface": "graph"}
    )
    report = await check(tenant, spec)
    assert report.elements
    assert len(report.of("unknown")) == len(report.elements)


async def test_a_site_that_is_gone_is_told_and_not_made_anew(tenant, spec):
    first, second = await check(tenant, spec), await check(tenant, spec)
    assert [one.id for one in first.of("drifted")] == ["site"]
    assert agreeing(first, second) == ()


async def test_a_library_that_staff_made_is_told_with_who_made_it(cloud, tenant, spec, site):
    with cloud.http(kit.HELEN) as helen:
        body = {"displayName": "Party photographs", "list": {"template": "documentLibrary"}}
        helen.post(f"/v1.0/sites/{site.id}/lists", json=body).raise_for_status()
    report = await check(tenant, spec)
    assert report.state == "conforms"
    (stranger,) = report.strangers
    assert (stranger.title, stranger.template, stranger.items) == (
        "Party photographs",
        "library",
        0,
    )
    assert stranger.who == "Helen Ward"
    assert stranger.when


def step(after, kind="settings", change="set", key="working"):
    return Step(f"{kind}/{key}", kind, "t", change, {"a": 1}, after, "r")


def report(*steps):
    found = tuple(Element(one.id, one.kind, "t", "drifted", "x", step=one) for one in steps)
    return Report("s", "/p", found)


@pytest.mark.parametrize(
    ("first", "second", "agreed"),
    [
        ([step({"a": 2})], [step({"a": 2})], 1),
        ([step({"a": 2})], [step({"a": 3})], 0),
        ([], [step({"a": 2})], 0),
        ([step({"a": 2})], [], 0),
        ([step({}, "list", "create")], [step({}, "list", "create")], 0),
        ([step({}, "view", "create")], [step({}, "view", "create")], 1),
    ],
)
def test_only_what_two_reads_agree_on_is_put_right(first, second, agreed):
    assert len(agreeing(report(*first), report(*second))) == agreed


@pytest.mark.parametrize(
    ("kind", "key", "site_says", "mode"),
    [
        ("settings", "working", None, "warn"),
        ("access", "quarantine", None, "enforce"),
        ("access", "registry", None, "warn"),
        ("access", "quarantine", "observe", "observe"),
        ("settings", "working", "enforce", "enforce"),
    ],
)
def test_a_place_set_apart_is_closed_at_once_unless_the_site_is_only_observed(
    spec, kind, key, site_says, mode
):
    said = spec.model_copy(update={"drift": site_says})
    assert mode_of(said, step({}, kind, key=key), "warn") == mode
