"""SharePoint's formula language: what each formula comes to, and which are not formulas at all."""

from __future__ import annotations

import math
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from local.tenant.store import formulas
from sharepoint_schema.site import load_template

NOW = datetime(2026, 11, 24, 15, 30, tzinfo=UTC)
ROW = {
    "likelihood": 3.0,
    "impact": 5.0,
    "current score": 15.0,
    "title": "Gov-04 Strategy V1",
    "start": formulas.to_serial(datetime(2024, 2, 29, tzinfo=UTC)),
    "due": formulas.to_serial(datetime(2026, 11, 24, tzinfo=UTC)),
    "open": True,
    "nothing": None,
}


def come_to(formula: str, **row: object) -> object:
    """Return a formula's result, or its error's code, in the row above."""
    try:
        return formulas.evaluate(formula, formulas.Scope(ROW | row, NOW, "Helen Ward"))
    except formulas.FormulaError as error:
        return error.code


@pytest.mark.parametrize(
    ("formula", "result"),
    [
        # arithmetic and its precedence
        ("=1+2*3", 7), ("=(1+2)*3", 9), ("=2^3^2", 64), ("=-2^2", 4), ("=50%", 0.5),
        ("=10-4-3", 3), ("=2*3%", 0.06), ('="3"+4', 7), ("=TRUE+1", 2), ("=.5+1e2", 100.5),
        ("=1/0", "#DIV/0!"), ('="abc"+1', "#VALUE!"), ("=0^0", "#NUM!"), ("=(-8)^0.5", "#NUM!"),
        # text
        ('="a"&1&TRUE', "a1TRUE"), ('="say ""hi"""', 'say "hi"'), ('=""&[Nothing]', ""),
        ("=1+1&2", "22"), ("=[Likelihood]*[Impact]", 15),
        # comparison
        ("=1<2", True), ('="a"="A"', True), ('=10<"9"', True), ('="z"<TRUE', True),
        ("=0.1+0.2=0.3", True), ("=[Nothing]=0", True), ('=[Nothing]=""', True),
        ("=[Nothing]=FALSE", True), ("=2<>2", False), ("=3>=3", True),
        # logic
        ('=IF(1>2,"yes","no")', "no"), ("=IF(FALSE,1)", False), ("=IF(TRUE,1,1/0)", 1),
        ("=AND(TRUE,1,[Open])", True), ("=OR(FALSE,0)", False), ("=NOT(0)", True),
        ("=AND([Nothing])", "#VALUE!"), ('=OR("perhaps",TRUE)', "#VALUE!"),
        ("=ISERROR(1/0)", True), ("=ISERROR(1)", False), ("=ISERR(1/0)", True),
        ("=ISNA(1/0)", False), ("=ISBLANK([Nothing])", True), ("=ISBLANK([Title])", False),
        ("=ISNUMBER([Impact])", True), ("=ISTEXT([Title])", True), ("=ISNONTEXT(1)", True),
        ("=ISLOGICAL([Open])", True), ("=TRUE()", True), ("=CHOOSE(2,1/0,7)", 7),
        ("=CHOOSE(3,1,2)", "#VALUE!"), ('=ISERROR(FIND("x",[Title]))', True),
        # text functions
        ("=LEN([Title])", 18), ("=LEFT([Title],6)", "Gov-04"), ("=RIGHT([Title],2)", "V1"),
        ("=MID([Title],8,8)", "Strategy"), ('=FIND("S",[Title])', 8),
        ('=FIND("q",[Title])', "#VALUE!"),
        ('=SEARCH("str*y",[Title])', 8), ('=SEARCH("?-04",[Title])', 3),
        ('=SEARCH("~*","a*b")', 2),
        ('=UPPER("ab")', "AB"), ('=LOWER("AB")', "ab"), ('=PROPER("the BOARD")', "The Board"),
        ('=TRIM("  a   b ")', "a b"), ('=CONCATENATE("a",1,TRUE)', "a1TRUE"),
        ('=SUBSTITUTE("a-b-c","-","+")', "a+b+c"), ('=SUBSTITUTE("a-b-c","-","+",2)', "a-b+c"),
        ('=SUBSTITUTE("a-b","-","+",5)', "a-b"), ('=REPLACE("abcd",2,2,"X")', "aXd"),
        ('=REPT("ab",3)', "ababab"), ('=EXACT("a","A")', False), ('=VALUE("1,234.5")', 1234.5),
        ('=VALUE("12%")', 0.12), ('=VALUE("x")', "#VALUE!"), ('=LEFT("a",-1)', "#VALUE!"),
        ("=CHAR(65)", "A"), ('=CODE("A")', 65), ("=T(5)", ""), ("=FIXED(1234.567)", "1,234.57"),
        ("=FIXED(1234.5,0,TRUE)", "1235"),
        # numbers
        ("=MIN(3,1,[Nothing])", 1), ("=MAX(3,[Impact])", 5), ("=SUM(1,2,3)", 6),
        ("=AVERAGE(1,2)", 1.5), ("=AVERAGE([Nothing])", "#DIV/0!"), ("=MEDIAN(1,9,2)", 2),
        ('=COUNT(1,"a",[Nothing])', 1), ('=COUNTA(1,"a",[Nothing])', 2),
        ("=ROUND(2.675,2)", 2.68),
        ("=ROUND(-2.5,0)", -3), ("=ROUND(1234,-2)", 1200), ("=ROUNDUP(2.01,0)", 3),
        ("=ROUNDDOWN(-2.9,0)", -2), ("=TRUNC(2.9)", 2), ("=INT(-2.1)", -3), ("=ABS(-4)", 4),
        ("=MOD(-7,3)", 2), ("=MOD(7,0)", "#DIV/0!"), ("=SQRT(16)", 4), ("=SQRT(-1)", "#NUM!"),
        ("=POWER(2,10)", 1024), ("=SIGN(-3)", -1), ("=PRODUCT(2,3)", 6), ("=PI()", math.pi),
        # dates
        ("=YEAR([Due])", 2026), ("=MONTH([Due])", 11), ("=DAY([Due])", 24), ("=[Due]-[Start]", 999),
        ("=TODAY()=[Due]", True), ("=[Today]=TODAY()", True), ("=[Me]", "Helen Ward"),
        ("=HOUR(NOW())", 15), ("=MINUTE(NOW())", 30), ("=WEEKDAY([Due])", 3),
        ("=WEEKDAY([Due],2)", 2), ("=WEEKDAY([Due],3)", 1), ("=WEEKDAY([Due],9)", "#NUM!"),
        ('=DATEDIF([Start],[Due],"d")', 999), ('=DATEDIF([Start],[Due],"m")', 32),
        ('=DATEDIF([Start],[Due],"y")', 2), ('=DATEDIF([Start],[Due],"ym")', 8),
        ('=DATEDIF([Start],[Due],"md")', 26), ('=DATEDIF([Due],[Start],"d")', "#NUM!"),
        ("=DATE(2024,14,1)=DATE(2025,2,1)", True), ("=DATE(2024,3,0)=[Start]", True),
        ("=DATE(2024,1,1)", 45292), ('=DATEVALUE("24/11/2026")=[Due]', True),
        ('=DATEVALUE("soon")', "#VALUE!"), ("=TIME(12,0,0)", 0.5),
        # TEXT
        ('=TEXT([Due],"dd/mm/yyyy")', "24/11/2026"), ('=TEXT([Due],"d mmm yy")', "24 Nov 26"),
        ('=TEXT([Due],"dddd d mmmm")', "Tuesday 24 November"), ('=TEXT(NOW(),"hh:mm")', "15:30"),
        ('=TEXT(NOW(),"h:mm AM/PM")', "3:30 PM"), ('=TEXT([Due],"yyyy-mm")', "2026-11"),
        ('=TEXT(1234.5,"#,##0.00")', "1,234.50"), ('=TEXT(0.126,"0%")', "13%"),
        ('=TEXT(7,"000")', "007"), ('=TEXT(-1.5,"0.0#")', "-1.5"), ('=TEXT(3,"£0")', "£3"),
        ('=TEXT("abc","0")', "abc"), ('=TEXT(0,"#")', ""),
        # names
        ("=[No such]", "#NAME?"), ("=Impact+1", 6), ("=[IMPACT]+1", 6),
    ],
)  # fmt: skip
def test_a_formula_comes_to_what_excel_says(formula, result):
    assert (
        come_to(formula) == pytest.approx(result)
        if isinstance(result, float)
        else (come_to(formula) == result)
    )


@pytest.mark.parametrize(
    "formula",
    ["=", "=1+", "=(1", "=1)", "=IF(1)", "=LEN()", "=NOPE(1)", "=1 2", "=[A", '="a', "=1;2",
     "=IFERROR(1,2)", "=$A$1", "=AND()", "=" + "(" * 100 + "1" + ")" * 100, "=" + "1+" * 600 + "1"],
)  # fmt: skip
def test_what_sharepoint_would_not_save_is_no_formula(formula):
    with pytest.raises(formulas.Malformed):
        formulas.parse(formula)


NUMBERS = st.integers(-999, 999)
EXPRESSIONS = st.recursive(
    NUMBERS.map(lambda n: f"({n})"),
    lambda inner: (
        st.tuples(inner, st.sampled_from("+-*"), inner).map("".join)
        | inner.map(lambda text: f"({text})")
    ),
    max_leaves=12,
)


@given(EXPRESSIONS)
def test_arithmetic_is_what_python_makes_of_it(text):
    wanted = eval(text)  # noqa: S307 -- numbers, signs and brackets of our own making
    assert come_to(f"={text}") == pytest.approx(float(wanted))


@given(st.text(st.characters(codec="ascii", exclude_categories=["Cc"]), max_size=30),
       st.integers(0, 40))  # fmt: skip
def test_left_and_the_rest_make_the_whole(text, count):
    quoted = text.replace('"', '""')
    assert come_to(f'=LEFT("{quoted}",{count})&MID("{quoted}",{count + 1},99)') == text
    assert come_to(f'=LEN("{quoted}")') == len(text)


DAYS = st.dates(date(1900, 3, 1), date(2200, 12, 31))


@given(DAYS, st.integers(0, 5000))
def test_dates_are_days(day, more):
    later = day + timedelta(days=more)
    text = f"DATE({day.year},{day.month},{day.day})"
    assert come_to(f"=YEAR({text}+{more})") == later.year
    assert come_to(f'=TEXT({text}+{more},"yyyy-mm-dd")') == later.isoformat()
    assert come_to(f'=DATEDIF({text},{text}+{more},"d")') == more
    assert come_to(f"=WEEKDAY({text},2)") == day.isoweekday()


@given(st.text(max_size=40))
def test_any_text_is_a_formula_or_is_refused(text):
    try:
        found = come_to(f"={text}")
    except formulas.Malformed:
        return
    assert found is None or isinstance(found, bool | int | float | str)


RULES = [
    (each.validation.formula, {column.title for column in each.columns} | {"Title"})
    for name in ("core_team", "sig", "cdf", "db", "neb", "nob")
    for each in load_template(name).lists
    if each.validation
]


@pytest.mark.parametrize(("formula", "titles"), RULES)
def test_every_formula_of_the_site_templates_is_one(formula, titles):
    assert set(formulas.names(formulas.parse(formula))) <= titles
    assert isinstance(come_to(formula, **dict.fromkeys(map(str.casefold, titles))), bool)
