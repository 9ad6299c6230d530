"""What a function of a formula is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from local.tenant.store.formulas.values import Scalar

MANY = 30  # arguments a function takes at most (Excel's older limit, which SharePoint keeps)


@dataclass(frozen=True, slots=True)
class Function:
    """A function: the fewest and most arguments it takes, and how it works them out.

    `run` may raise FormulaError. An argument that is an error never reaches it.
    """

    arity: tuple[int, int]
    run: Callable[[list[Scalar]], Scalar]
