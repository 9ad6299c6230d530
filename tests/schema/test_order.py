"""No order is taken without every step of Gov-12."""

from datetime import date

import pytest

from sharepoint_schema.order import load_order
from sharepoint_schema.problems import SchemaProblems

LINES = {
    "name": "Breast imaging",
    "kind": "pathways",
    "chair": "asha.patel@trust02.nhs.example",
    "facilitator": "helen.ward@dgft.nhs.example",
    "network_director": "{who: Ann Lee, date: 01/10/2026}",
    "clinical_director": "{who: Raj Rao, date: 2026-10-02}",
    "operational_board": "{reference: NOB 2026/10 item 7, date: 14/10/2026}",
}


def order(tmp_path, **changes):
    lines = {**LINES, **changes}
    file = tmp_path / "order.yaml"
    file.write_text("".join(f"{k}: {v}\n" for k, v in lines.items() if v), encoding="utf-8")
    return load_order(file)


def test_a_signed_off_order_is_taken(tmp_path):
    taken = order(tmp_path)
    assert taken.slug == "breast-imaging"
    assert taken.network_director.date == date(2026, 10, 1)
    assert taken.clinical_director.date == date(2026, 10, 2)


@pytest.mark.parametrize(
    ("step", "said"),
    [
        ("network_director", "the Network Director's agreement is missing"),
        ("clinical_director", "the Clinical Director's agreement is missing"),
        ("operational_board", "the Operational Board's minute is missing"),
    ],
)
@pytest.mark.parametrize("left", ["", "{}"])
def test_a_missing_step_is_refused_by_name(tmp_path, step, said, left):
    with pytest.raises(SchemaProblems) as refusal:
        order(tmp_path, **{step: left})
    assert said in [problem.says for problem in refusal.value.problems]


def test_every_missing_step_is_named_at_once(tmp_path):
    with pytest.raises(SchemaProblems) as refusal:
        order(tmp_path, network_director="", clinical_director="", operational_board="")
    assert len(refusal.value.problems) == 3


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"kind": "gardening"}, "'gardening': is not a kind"),
        ({"chair": "Asha Patel"}, "'Asha Patel': string should match"),
        ({"clinical_director": "{who: Raj Rao, date: 15/10/2026}"}, "agree first"),
        ({"network_director": "{who: Ann Lee, date: 31/02/2026}"}, "is not a date such as"),
        ({"network_director": "{who: Ann Lee}"}, "network_director.date: field required"),
        ({"name": "../../x"}, "string should match"),
    ],
)
def test_an_order_that_cannot_be_right_is_refused(tmp_path, change, said):
    with pytest.raises(SchemaProblems) as refusal:
        order(tmp_path, **change)
    assert said in str(refusal.value)


@pytest.mark.parametrize(
    ("sub_kind", "said"),
    [("breast", None), ("mri", "'mri' is no sub-kind of Pathways"), (None, None)],
)
def test_a_sub_kind_is_one_of_its_kind(tmp_path, sub_kind, said):
    if said is None:
        assert order(tmp_path, sub_kind=sub_kind).sub_kind == sub_kind
        return
    with pytest.raises(SchemaProblems, match=said):
        order(tmp_path, sub_kind=sub_kind)
