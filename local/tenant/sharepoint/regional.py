"""Regional settings and time zones of a web, languages, and the templates sites are made from."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from local.tenant.errors import bad_request, not_found
from local.tenant.sharepoint.access import require
from local.tenant.sharepoint.body import members
from local.tenant.sharepoint.surface import (
    Ask,
    Page,
    Thing,
    Things,
    Value,
    act,
    kind,
    link,
    reach,
    verb,
)
from local.tenant.store import kept

if TYPE_CHECKING:
    import sqlite3

SETTINGS, ZONE, LANGUAGES = "SP.RegionalSettings", "SP.TimeZone", "SP.LanguageCollection"
TEMPLATE, LIST_TEMPLATE = "SP.WebTemplate", "SP.ListTemplate"
KIND = "regional settings"
BRITAIN, UNITED_STATES = 2057, 1033
FRESH: dict[str, Any] = {
    "AdjustHijriDays": 0,
    "AlternateCalendarType": 0,
    "AM": "AM",
    "CalendarType": 1,
    "Collation": 25,
    "CollationLCID": 2070,
    "DateFormat": 1,
    "DateSeparator": "/",
    "DecimalSeparator": ".",
    "DigitGrouping": "3;0",
    "FirstDayOfWeek": 1,
    "FirstWeekOfYear": 0,
    "IsEastAsia": False,
    "IsRightToLeft": False,
    "IsUIRightToLeft": False,
    "ListSeparator": ",",
    "NegativeSign": "-",
    "NegNumberMode": 1,
    "PM": "PM",
    "PositiveSign": "",
    "ShowWeeks": False,
    "ThousandSeparator": ",",
    "Time24": True,
    "TimeMarkerPosition": 0,
    "TimeSeparator": ":",
    "WorkDayEndHour": 1020,
    "WorkDays": 62,
    "WorkDayStartHour": 480,
}
CHANGEABLE = {
    "AdjustHijriDays", "AlternateCalendarType", "CalendarType", "Collation", "FirstDayOfWeek",
    "FirstWeekOfYear", "LocaleId", "ShowWeeks", "Time24", "WorkDayEndHour", "WorkDays",
    "WorkDayStartHour", "TimeZone",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Zone:
    """A time zone by SharePoint's number; bias in minutes to UTC, and its name in the tz tables."""

    id: int
    name: str
    bias: int
    daylight: int
    key: str


ZONES = {
    zone.id: zone
    for zone in (
        Zone(2, "(UTC+00:00) Dublin, Edinburgh, Lisbon, London", 0, -60, "Europe/London"),
        Zone(3, "(UTC+01:00) Brussels, Copenhagen, Madrid, Paris", -60, -60, "Europe/Paris"),
        Zone(
            4,
            "(UTC+01:00) Amsterdam, Berlin, Bern, Rome, Stockholm, Vienna",
            -60,
            -60,
            "Europe/Berlin",
        ),
        Zone(10, "(UTC-05:00) Eastern Time (US and Canada)", 300, -60, "America/New_York"),
        Zone(13, "(UTC-08:00) Pacific Time (US and Canada)", 480, -60, "America/Los_Angeles"),
        Zone(31, "(UTC) Casablanca", 0, 0, "UTC"),
        Zone(93, "(UTC) Coordinated Universal Time", 0, 0, "UTC"),
    )
}
LONDON = 2


@kind(SETTINGS, key=lambda row: row["web_id"])
def show_settings(ask: Ask, row: sqlite3.Row) -> dict[str, Any]:
    said = kept.members_of(ask.store, row["web_id"], KIND)
    said.pop("TimeZone", None)
    return {**FRESH, "LocaleId": row["lcid"], "Time24": row["lcid"] != UNITED_STATES, **said}


@link("SP.Web", "RegionalSettings")
def settings(ask: Ask, place: Thing) -> Thing:
    require(ask, place, "read")
    return Thing(SETTINGS, place.row)


@verb(SETTINGS, "merge")
@act(SETTINGS, "Update")
def change(ask: Ask, place: Thing) -> None:
    """Change the settings of the web; 400 for a member that follows from the locale."""
    require(ask, Thing("SP.Web", ask.site), "fullcontrol")
    sent = members(ask.call)
    if unknown := next((name for name in sent if name not in CHANGEABLE), None):
        raise bad_request(f"The property '{unknown}' of '{SETTINGS}' can't be written.")
    before = kept.members_of(ask.store, place.row["web_id"], KIND)
    kept.put(ask.store, place.row["web_id"], KIND, before | sent)


@kind(ZONE, key=lambda zone: str(zone.id))
def show_zone(_ask: Ask, zone: Zone) -> dict[str, Any]:
    told = {"Bias": zone.bias, "DaylightBias": zone.daylight, "StandardBias": 0}
    return {
        "Description": zone.name,
        "Id": zone.id,
        "Information": Value(told, "SP.TimeZoneInformation"),
    }


def _zone(number: int) -> Zone:
    if number not in ZONES:
        raise not_found(f"There is no time zone {number} here.")
    return ZONES[number]


@link(SETTINGS, "TimeZone")
def zone_of_web(ask: Ask, place: Thing) -> Thing:
    said = kept.members_of(ask.store, place.row["web_id"], KIND).get("TimeZone") or {}
    return Thing(ZONE, _zone(int(said.get("Id", LONDON))))


@link(SETTINGS, "TimeZones")
def zones(_ask: Ask, place: Thing) -> Things:
    return Things(ZONE, lambda _ask: Page(list(ZONES.values())), place)


@reach(f"{ZONE}*", "GetById")
def zone_by_id(ask: Ask, _place: Things) -> Thing:
    return Thing(ZONE, _zone(ask.number("id")))


@act(ZONE, "SetId")
def set_zone(ask: Ask, _place: Thing) -> None:
    """Give the web another time zone, by SharePoint's number."""
    require(ask, Thing("SP.Web", ask.site), "fullcontrol")
    number = _zone(ask.number("id")).id
    before = kept.members_of(ask.store, ask.site["web_id"], KIND)
    kept.put(ask.store, ask.site["web_id"], KIND, before | {"TimeZone": {"Id": number}})


def _moment(ask: Ask) -> datetime:
    text = ask.text("date", 0)
    try:
        return datetime.fromisoformat(text)
    except ValueError as error:
        raise bad_request(f"{text!r} is not a date and time such as 2026-11-24T09:30:00") from error


def _shift(zone: Zone, moment: datetime) -> timedelta:
    return moment.replace(tzinfo=ZoneInfo(zone.key)).utcoffset() or timedelta()


@reach(ZONE, "UTCToLocalTime")
@act(ZONE, "UTCToLocalTime")
def to_local(ask: Ask, place: Thing) -> Value:
    moment = _moment(ask).replace(tzinfo=None)
    return Value((moment + _shift(place.row, moment)).isoformat(), "Edm.DateTime")


@reach(ZONE, "LocalTimeToUTC")
@act(ZONE, "LocalTimeToUTC")
def to_utc(ask: Ask, place: Thing) -> Value:
    moment = _moment(ask).replace(tzinfo=None)
    return Value((moment - _shift(place.row, moment)).isoformat() + "Z", "Edm.DateTime")


@kind(LANGUAGES, key=lambda row: row["web_id"])
def show_languages(_ask: Ask, row: sqlite3.Row) -> dict[str, Any]:
    known = [
        {"DisplayName": "English", "LanguageTag": "en-US", "Lcid": UNITED_STATES},
        {"DisplayName": "English (United Kingdom)", "LanguageTag": "en-GB", "Lcid": BRITAIN},
    ]
    return {"Items": Value([each for each in known if row is not None], "SP.Language")}


@link(SETTINGS, "InstalledLanguages")
def languages(_ask: Ask, place: Thing) -> Thing:
    return Thing(LANGUAGES, place.row)


# -- templates ------------------------------------------------------------------------------------
TEMPLATES = (
    ("STS#3", 1, "Team site (no Microsoft 365 group)", "A site with no connection to a group."),
    ("STS#0", 1, "Team site (classic experience)", "A place to work together with a group."),
    ("SITEPAGEPUBLISHING#0", 68, "Communication site", "A site that tells people something."),
    ("GROUP#0", 64, "Team site", "A site of a Microsoft 365 group."),
    ("BDR#0", 7, "Document Centre", "A site to manage documents centrally."),
)


@kind(TEMPLATE, key=lambda row: f"'{row[0]}'")
def show_template(ask: Ask, row: tuple[str, int, str, str]) -> dict[str, Any]:
    name, number, title, about = row
    return {
        "Description": about,
        "DisplayCategory": "Collaboration",
        "Id": number,
        "ImageUrl": "/_layouts/15/images/stsprev.png",
        "IsHidden": False,
        "IsRootWebOnly": False,
        "IsSubWebOnly": False,
        "Lcid": ask.site["lcid"],
        "Name": name,
        "Title": title,
    }


@reach("SP.Web", "GetAvailableWebTemplates")
@act("SP.Web", "GetAvailableWebTemplates")
@reach("SP.Site", "GetWebTemplates")
@act("SP.Site", "GetWebTemplates")
def web_templates(ask: Ask, place: Thing) -> Things:
    """Return the templates a web can be made from; they are the same in every language here."""
    require(ask, Thing("SP.Web", ask.site), "read")
    return Things(TEMPLATE, lambda _ask: Page(list(TEMPLATES)), place)


@reach(f"{TEMPLATE}*", "GetByName")
def template_by_name(ask: Ask, _place: Things) -> Thing:
    wanted = ask.text("name")
    for row in TEMPLATES:
        if row[0].casefold() == wanted.casefold():
            return Thing(TEMPLATE, row)
    raise not_found(f"The web template {wanted} could not be found.")
