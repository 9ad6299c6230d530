"""A register's entries are checked when its file is read: each column they name is there."""

import pytest

from sharepoint_schema.list_rules import KnownColumns


@pytest.mark.parametrize(
    ("entries", "wrong", "where"),
    [
        ({"owner": "Ownr"}, "Ownr", "owner"),
        ({"document": "Nummer"}, "Nummer", "document"),
        ({"decided_on": "Day"}, "Day", "decided_on"),
        ({"kept": ["Owner", "Sate"]}, "Sate", "kept[1]"),
        ({"closed": {"Sate": ["Done"]}}, "Sate", "closed.Sate"),
        ({"needs": [{"column": "Due"}, {"column": "Dew"}]}, "Dew", "needs[1].column"),
        ({"needs": [{"column": "Due", "when": {"Sate": ["*"]}}]}, "Sate", "needs[0].when.Sate"),
        (
            {"computed": [{"column": "Due", "rule": "months", "of": ["Strat"], "months": 1}]},
            "Strat",
            "computed[0].of[0]",
        ),
        (
            {"follows": [{"area": "log", "since": "Due", "day": "Dey"}]},
            "Dey",
            "follows[0].day",
        ),
        (
            {"follows": [{"area": "log", "since": "Sinse", "day": "Due"}]},
            "Sinse",
            "follows[0].since",
        ),
        (
            {"news": [{"when": {"State": ["Done"]}, "body_in": "Forum"}]},
            "Forum",
            "news[0].body_in",
        ),
        ({"owner": "Owner", "closed": {"State": ["Done"]}, "kept": ["Due", "Title"]}, None, ""),
    ],
)
def test_what_a_register_is_kept_to_names_columns_it_has(entries, wrong, where):
    columns = [{"name": name, "title": name} for name in ("Owner", "Due", "State")]
    register = {"key": "log", "columns": columns, "entries": {"source": "Gov-04", **entries}}
    faults = list(KnownColumns().check({"lists": [register]}))
    assert [one.says for one in faults] == ([f"the list has no column {wrong!r}"] if wrong else [])
    assert [spoken(one.place[3:]) for one in faults] == ([where] if wrong else [])


def test_what_a_register_follows_is_a_list_of_its_site():
    follows = [{"area": "member", "since": "Since", "day": "Day"}]
    columns = [{"name": "Day", "title": "Day"}]
    log = {"key": "log", "columns": columns, "entries": {"source": "Gov-04", "follows": follows}}
    (fault,) = KnownColumns().check({"lists": [log]})
    assert (fault.says, spoken(fault.place[3:])) == (
        "the site has no list 'member'",
        "follows[0].area",
    )


def spoken(place) -> str:
    return "".join(f"[{p}]" if isinstance(p, int) else f".{p}" for p in place).lstrip(".")
