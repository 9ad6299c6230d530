"""Each rule names the parts of the standard it goes by, and no more is read than it names."""

import ast
import importlib
import inspect

import pytest

from sharepoint_schema.standard import Standard, load_standard
from sync import ratification
from sync.parameters import hash_of, parameters_of, with_parts, with_values
from sync.policies import _truth, policies

BY = {
    "series_codes": {"series"}, "name_format": {"naming"}, "type": {"types"}, "type_of": {"types"},
    "body": {"bodies"}, "body_in": {"bodies"}, "approver_of": {"bodies"},
    "all_else": {"types"}, "is_internal": {"internal_domains"}, "ignores": {"ignored"},
}  # fmt: skip
"""The standard's own questions, and the parts that answer them."""
SHARED = (_truth, ratification)


def functions(module):
    tree = ast.parse(inspect.getsource(module))
    return {node.name: node for node in tree.body if isinstance(node, ast.FunctionDef)}


def reads(node):
    """Return the parts read from a value called `standard`, and the names called besides."""
    parts, names = set(), set()
    for one in ast.walk(node):
        if isinstance(one, ast.Attribute) and _is_standard(one.value):
            parts |= BY.get(one.attr, {one.attr})
        if isinstance(one, ast.Name):
            names.add(one.id)
    return parts, names


def _is_standard(node):
    named = isinstance(node, ast.Name) and node.id == "standard"
    return named or (isinstance(node, ast.Attribute) and node.attr == "standard")


def parts_read(policy):
    """Follow what a policy reads, through the helpers it imports from the shared modules."""
    module = importlib.import_module(f"sync.policies.{policy}")
    parts, open_names = reads(ast.parse(inspect.getsource(module)))
    helpers = {
        name: (one, node)
        for one in SHARED
        for name, node in functions(one).items()
        if getattr(module, name, None) is getattr(one, name)
    }
    seen = set()
    todo = [helpers[name] for name in open_names if name in helpers]
    while todo:
        home, node = todo.pop()
        if node.name in seen:
            continue
        seen.add(node.name)
        more, names = reads(node)
        parts |= more
        own = functions(home)
        todo += [(home, own[name]) for name in names if name in own]
    return parts


@pytest.mark.parametrize("name", sorted(policies()))
def test_a_rule_reads_no_part_of_the_standard_that_it_does_not_name(name):
    assert parts_read(name) <= policies()[name].parameters
    assert policies()[name].parameters <= set(Standard.model_fields)


def test_a_rules_parameters_change_with_what_it_reads_and_with_nothing_else():
    now = load_standard()
    other = with_values(now, ["copies.likeness=0.9"])
    for name in policies():
        same = hash_of(parameters_of(name, now)) == hash_of(parameters_of(name, other))
        assert same == ("copies" not in policies()[name].parameters)


def test_parts_of_another_shape_are_no_standard():
    now = load_standard()
    assert with_parts(now, {"copies": {"share": 1}}) is None
    assert with_parts(now, parameters_of("uncontrolled_copy", now)) == now


def test_values_are_put_by_path_code_or_place():
    values = ("types.policy.review_months=24", "metadata.always.0=DateAdopted", "name=Network")
    found = with_values(load_standard(), values)
    assert found.type("policy").review_months == 24
    assert found.metadata.always[0] == "DateAdopted"
    assert found.name == "Network"
