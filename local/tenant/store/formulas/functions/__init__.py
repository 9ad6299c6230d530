"""The functions of formulas, by subject; `LAZY` are those that choose what they work out.

The names are those of SharePoint's own list ("Introduction to SharePoint formulas and functions"),
without the financial and trigonometric ones. IFERROR is not among them: SharePoint has none (gk).
"""

from __future__ import annotations

from local.tenant.store.formulas.functions import dates, logic, maths, words

LAZY = {
    "IF": (2, 3),
    "CHOOSE": (2, 30),
    "ISERROR": (1, 1),
    "ISERR": (1, 1),
    "ISNA": (1, 1),
    "TODAY": (0, 0),
    "NOW": (0, 0),
}
FUNCTIONS = dates.FUNCTIONS | logic.FUNCTIONS | maths.FUNCTIONS | words.FUNCTIONS
