"""Counting months on from a day."""

from datetime import date

MONTHS_A_YEAR = 12


def add_months(start: date, months: int) -> date:
    """Count months on; where that month has no such day, it is the first day of the next one.

    29 February and twelve months make 1 March, 31 August and six months 1 March.
    """
    years, month = divmod(start.month - 1 + months, MONTHS_A_YEAR)
    try:
        return start.replace(year=start.year + years, month=month + 1)
    except ValueError:  # that month has no such day
        years, month = divmod(start.month + months, MONTHS_A_YEAR)
        return start.replace(year=start.year + years, month=month + 1, day=1)
