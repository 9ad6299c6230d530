"""SharePoint's formulas: `=IF([Score]>=15,"Red",[Title])`, read once and worked out per row.

The language is Excel's, with the functions SharePoint documents ("Introduction to SharePoint
formulas and functions"); anything else is refused when a formula is saved. Columns are named by
title or internal name, in brackets where the name has spaces. Arguments are separated by commas.
"""

from __future__ import annotations

from local.tenant.store.formulas.evaluate import Scope, evaluate
from local.tenant.store.formulas.tokens import Malformed
from local.tenant.store.formulas.tree import names, parse
from local.tenant.store.formulas.values import FormulaError, from_serial, to_serial

__all__ = [
    "FormulaError",
    "Malformed",
    "Scope",
    "evaluate",
    "from_serial",
    "names",
    "parse",
    "to_serial",
]
