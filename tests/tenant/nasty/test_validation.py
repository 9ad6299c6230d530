"""Formulas and rules by SharePoint REST: the words, the numbers, and each column's own answer."""

from __future__ import annotations

import pytest

RULE = "=OR(ISBLANK([Score]),[Score]<=25)"


@pytest.fixture(scope="module")
def register(shared_library):
    """A list with a rule of its own, a column with one, a calculated and a unique column."""
    rest = shared_library.rest_ask
    made = rest("/web/lists", {"Title": "Register", "BaseTemplate": 100}).json()
    at = f"/web/lists(guid'{made['Id']}')"
    for xml in (
        '<Field Type="Number" Name="Score" DisplayName="Score"/>',
        (
            '<Field Type="Number" Name="Reach" DisplayName="Reach">'
            '<Validation Message="Not below nothing">=[Reach]&gt;=0</Validation></Field>'
        ),
        '<Field Type="Note" Name="Notes" DisplayName="Notes"/>',
        (
            '<Field Type="Text" Name="Code" DisplayName="Code" Indexed="TRUE"'
            ' EnforceUniqueValues="TRUE"/>'
        ),
        (
            '<Field Type="Calculated" Name="Twice" DisplayName="Twice" ResultType="Number">'
            "<Formula>=[Score]*2</Formula></Field>"
        ),
        (
            '<Field Type="DateTime" Name="Since" DisplayName="Since">'
            "<DefaultFormula>=TODAY()</DefaultFormula></Field>"
        ),
    ):
        reply = rest(f"{at}/Fields/CreateFieldAsXml", {"parameters": {"SchemaXml": xml}})
        assert reply.is_success, reply.text
    told = {"ValidationFormula": RULE, "ValidationMessage": "25 at most"}
    assert rest(at, told, "MERGE").status_code == 204
    return at


def error(reply) -> tuple[int, str, str]:
    told = reply.json()["odata.error"]
    return reply.status_code, told["code"].partition(",")[0], told["message"]["value"]


def test_a_rule_of_the_list_refuses_with_500(shared_library, register):
    rest = shared_library.rest_ask
    refused = rest(f"{register}/items", {"Title": "x", "Score": 30, "Reach": 1})
    assert error(refused) == (500, "-2130575162", "List data validation failed.")
    made = rest(f"{register}/items", {"Title": "x", "Score": 5, "Reach": 1}).json()
    for verb in ("MERGE", ""):
        tail = "" if verb else "/SystemUpdate"
        at = f"{register}/items({made['Id']}){tail}"
        assert error(rest(at, {"Score": 30}, verb))[1] == "-2130575162"
    assert (
        error(rest(f"{register}/items({made['Id']})", {"Reach": -1}, "MERGE"))[1] == "-2130575163"
    )


def test_a_calculated_value_is_text_in_rest(shared_library, register):
    rest = shared_library.rest_ask
    made = rest(f"{register}/items", {"Title": "x", "Score": 3, "Reach": 1}).json()
    assert made["Twice"] == "6.00000000000000"
    assert made["Since"].endswith("T00:00:00Z")


def test_the_form_tells_each_column_its_own_mistake(shared_library, register):
    rest = shared_library.rest_ask
    made = rest(f"{register}/items", {"Title": "x", "Score": 3, "Reach": 1}).json()

    def sent(**values: str) -> dict[str, tuple[bool, str | None]]:
        body = {"formValues": [{"FieldName": n, "FieldValue": v} for n, v in values.items()]}
        reply = rest(f"{register}/items({made['Id']})/ValidateUpdateListItem", body)
        told = reply.json()["value"]
        return {each["FieldName"]: (each["HasException"], each["ErrorMessage"]) for each in told}

    fine = (False, None)
    assert sent(Score="4", Reach="-1") == {"Score": fine, "Reach": (True, "Not below nothing")}
    assert sent(Score="30", Reach="2") == dict.fromkeys(("Score", "Reach"), (True, "25 at most"))
    assert sent(Title="") == {"Title": (True, "You can't leave this blank.")}
    assert sent(Twice="9")["Twice"][0]
    now = rest(f"{register}/items({made['Id']})", {"Score": 3}, "MERGE")
    assert now.status_code == 204
    assert sent(Score="5", Reach="2") == {"Score": fine, "Reach": fine}


def test_the_new_form_refuses_and_makes_nothing(shared_library, register):
    rest = shared_library.rest_ask
    before = shared_library.rest.get(f"/_api{register}/ItemCount").text
    values = [{"FieldName": "Title", "FieldValue": "y"}, {"FieldName": "Score", "FieldValue": "30"},
              {"FieldName": "Reach", "FieldValue": "1"}]  # fmt: skip
    reply = rest(f"{register}/AddValidateUpdateItemUsingPath", {"formValues": values})
    assert all(each["HasException"] for each in reply.json()["value"])
    assert shared_library.rest.get(f"/_api{register}/ItemCount").text == before


def test_two_cannot_have_the_same_unique_value(shared_library, register):
    rest = shared_library.rest_ask
    body = {"Title": "x", "Reach": 1, "Code": "ONE"}
    rest(f"{register}/items", body)
    assert error(rest(f"{register}/items", body))[1] == "-2130575169"


@pytest.mark.parametrize(
    ("formula", "says"),
    [
        ("=LEN([Notes])", "data type that is not supported in formulas"),
        ("=[Nowhere]", "refers to a column that does not exist"),
        ("=[Score]+", "syntax error"),
        ("=[Today]", "volatile"),
    ],
)
def test_a_formula_that_cannot_be_is_refused_with_500(shared_library, register, formula, says):
    xml = (
        '<Field Type="Calculated" Name="Bad" DisplayName="Bad" ResultType="Number">'
        f"<Formula>{formula}</Formula></Field>"
    )
    body = {"parameters": {"SchemaXml": xml}}
    status, _, message = error(shared_library.rest_ask(f"{register}/Fields/CreateFieldAsXml", body))
    assert status == 500
    assert says in message


def test_a_rule_that_cannot_be_is_refused(shared_library, register):
    refused = shared_library.rest_ask(register, {"ValidationFormula": "=LEN([Notes])>1"}, "MERGE")
    assert error(refused)[0] == 500
