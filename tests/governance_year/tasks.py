"""What people do with actions, pieces of work, clinical matters, requests, reports and accounts."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from tests import tenant_kit as kit
from tests.governance_year.facts import ENTERED, LEFT, REPORTS, REQUESTS, TASKS
from tests.governance_year.stage import LEAVER, SECRETARIES, mail

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import date

    from tests.governance_year.facts import Request, Task
    from tests.governance_year.staff import Staff

REQUEST_LIST = ("core", "information_requests")


def by(site: str) -> str:
    """Return who keeps a site's registers."""
    return SECRETARIES.get(site, "helen.ward")


def enter(staff: Staff, on: date) -> None:
    """Enter the tasks of a day."""
    for task in TASKS:
        if task.entered == on:
            row = ROWS[task.area](staff, task)
            staff.enter((task.site, task.area), [{"Title": task.title, **row}], by(task.site))


def _action(staff: Staff, task: Task) -> dict[str, Any]:
    owner = staff.number(task.site, task.owner)
    return {"ActionOwnerLookupId": owner, "ActionDue": task.due.isoformat()}


def _work(staff: Staff, task: Task) -> dict[str, Any]:
    return {
        "Objective": f"To have this done: {task.title}",
        "WorkLeadLookupId": staff.number(task.site, task.owner),
        "DueDate": task.due.isoformat(),
        "WorkStatus": "On track",
    }


def _matter(staff: Staff, task: Task) -> dict[str, Any]:
    return {
        "CgKind": "Shared learning",
        "CgMatter": f"What happened: {task.title}",
        "CgRaised": task.entered.isoformat(),
        "CgOwnerLookupId": staff.number(task.site, task.owner),
        "CgDue": task.due.isoformat(),
    }


ROWS = {"action_log": _action, "work_programme": _work, "clinical_governance": _matter}
DONE = {
    "action_log": {"ActionStatus": "Done"},
    "work_programme": {"WorkStatus": "Done"},
    "clinical_governance": {
        "CgStatus": "Closed",
        "CgLearning": "Two people read now.",
        "CgOutcome": "The rota was changed.",
    },
}


def acts() -> Iterator[tuple[date, Callable[[Staff], None]]]:
    """Yield what is done on which day."""
    for day in sorted({task.entered for task in TASKS} - {ENTERED}):
        yield day, partial(_enter_on, day)
    for task in TASKS:
        if task.done:
            yield task.done, partial(_finish, task)
    for request in REQUESTS:
        yield from _request(request)
    for group, on in REPORTS:
        yield on, partial(_report, group, on)
    yield LEFT, _leave


def _enter_on(day: date, staff: Staff) -> None:
    enter(staff, day)


def _finish(task: Task, staff: Staff) -> None:
    staff.change((task.site, task.area), task.title, by(task.site), **DONE[task.area])


def _request(request: Request) -> Iterator[tuple[date, Callable[[Staff], None]]]:
    yield request.received, partial(_ask, request)
    if request.paused:
        since, until = request.paused
        waits = {"FoiStatus": "Waiting for clarification", "ClarificationAsked": since.isoformat()}
        yield since, partial(_change, request, waits)
        goes_on = {"FoiStatus": "Open", "ClarificationReceived": until.isoformat()}
        yield until, partial(_change, request, goes_on)
    told = {"FoiAnswered": request.answered.isoformat(), "FoiOutcome": "Answered in full"}
    yield request.answered, partial(_change, request, told | {"FoiStatus": "Answered"})


def _ask(request: Request, staff: Staff) -> None:
    row = {
        "Title": request.title,
        "FoiAsked": f"Everything about {request.title}",
        "FoiReceived": request.received.isoformat(),
        "FoiOwnerLookupId": staff.number("core", request.owner),
    }
    staff.enter(REQUEST_LIST, [row])


def _change(request: Request, fields: dict[str, str], staff: Staff) -> None:
    staff.change(REQUEST_LIST, request.title, **fields)


def _report(group: str, on: date, staff: Staff) -> None:
    row = {
        "Title": f"Report {on:%d/%m/%Y}",
        "ReportPeriod": f"{on:%Y-%m}",
        "Achieved": "What was planned",
        "NextSteps": "What is planned",
        "ReportDate": on.isoformat(),
    }
    staff.enter((group, "highlight_reports"), [row], "sam.price")


def _leave(staff: Staff) -> None:
    token = staff.desk.tenant.token(kit.DIRECTOR, "graph", ["User.ReadWrite.All"])
    path = f"/v1.0/users/{mail(LEAVER)}"
    answer = staff.desk.tenant.httpx(token).patch(path, json={"accountEnabled": False})
    answer.raise_for_status()
