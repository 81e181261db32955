"""The personnel system: employees, departments, time off, and the end of an employment."""

from evals.worlds import credentials, error_styles
from evals.worlds.access import BasicGate, Caller
from evals.worlds.paging import by_cursor, matching
from evals.worlds.records import Record
from evals.worlds.refusal import conflict, invalid_field
from evals.worlds.seeds import hr as seeds
from evals.worlds.service import Handler, Received, Reply, Service


def list_employees(received: Received) -> Reply:
    exact = ("work_email", "department", "status", "manager_id")
    rows = matching(received.tx.rows("employees"), received.query, exact=exact, contains=("family_name",))
    return _page(received, rows)


def create_employee(received: Received) -> Reply:
    _check_employee(received)
    employee_id = f"E-{1000 + received.tx.next_number('employees')}"
    empty = {"manager_id": None, "salary": None, "end_date": None}
    stamps = {"status": "active", "created_at": received.at, "updated_at": received.at}
    employee = {"id": employee_id, **empty, **received.body, **stamps}
    return Reply(status=201, body=received.tx.put("employees", employee_id, employee))


def get_employee(received: Received) -> Reply:
    return Reply(body=_employee(received))


def update_employee(received: Received) -> Reply:
    employee = _employee(received)
    _check_employee(received, besides=employee["id"])
    changed = {**employee, **received.body}
    if changed == employee:
        return Reply(body=employee)
    return Reply(body=received.tx.put("employees", employee["id"], {**changed, "updated_at": received.at}))


def terminate_employee(received: Received) -> Reply:
    """Who still leads others cannot be terminated: they need another manager first."""
    employee = _employee(received)
    if employee["status"] == "terminated":
        raise conflict("already_terminated", "The employment has ended already.")
    led = matching(received.tx.rows("employees"), {"manager_id": employee["id"]}, exact=("manager_id",))
    if any(one["status"] != "terminated" for one in led):
        raise conflict("has_reports", "Employees still report to this person.")
    ended = {"status": "terminated", "end_date": received.body["last_day"], "updated_at": received.at}
    return Reply(body=received.tx.put("employees", employee["id"], {**employee, **ended}))


def list_departments(received: Received) -> Reply:
    return _page(received, matching(received.tx.rows("departments"), received.query, exact=("name",)))


def get_department(received: Received) -> Reply:
    return Reply(body=received.need("departments", received.path["department_id"], "department"))


def list_time_off(received: Received) -> Reply:
    exact = ("employee_id", "status")
    return _page(received, matching(received.tx.rows("time_off"), received.query, exact=exact))


def request_time_off(received: Received) -> Reply:
    told = received.body
    if received.tx.get("employees", told["employee_id"]) is None:
        raise invalid_field("/employee_id", "unknown_reference", "There is no such employee.")
    if told["last_day"] < told["first_day"]:
        raise invalid_field("/last_day", "before_first_day", "The last day lies before the first.")
    request_id = f"TO-{received.tx.next_number('time_off'):04}"
    request = {"id": request_id, "note": None, **told, "status": "requested", "created_at": received.at}
    return Reply(status=201, body=received.tx.put("time_off", request_id, request))


def get_time_off(received: Received) -> Reply:
    return Reply(body=_request(received))


def approve_time_off(received: Received) -> Reply:
    return _decide(received, "approved")


def decline_time_off(received: Received) -> Reply:
    return _decide(received, "declined")


def build(*, token_lifetime_s: int) -> Service:
    callers = {
        f"{credentials.HR_USERNAME}:{credentials.HR_PASSWORD}": Caller(name=credentials.HR_USERNAME),
        f"{credentials.HR_READER_USERNAME}:{credentials.HR_READER_PASSWORD}": Caller(
            name=credentials.HR_READER_USERNAME, is_read_only=True
        ),
    }
    gate = BasicGate(callers=callers, realm="hr")
    return Service(name="hr", handlers=HANDLERS, seed=seeds.seed, gate=gate, error_style=error_styles.hr)


HANDLERS: dict[str, Handler] = {
    "list_employees": list_employees,
    "create_employee": create_employee,
    "get_employee": get_employee,
    "update_employee": update_employee,
    "terminate_employee": terminate_employee,
    "list_departments": list_departments,
    "get_department": get_department,
    "list_time_off": list_time_off,
    "request_time_off": request_time_off,
    "get_time_off": get_time_off,
    "approve_time_off": approve_time_off,
    "decline_time_off": decline_time_off,
}


def _page(received: Received, rows: list[Record]) -> Reply:
    page, token = by_cursor(rows, received.query["page_size"], received.query.get("page_token"))
    return Reply(body={"data": page, "next_page_token": token})


def _employee(received: Received) -> Record:
    return received.need("employees", received.path["employee_id"], "employee")


def _request(received: Received) -> Record:
    return received.need("time_off", received.path["request_id"], "time-off request")


def _decide(received: Received, status: str) -> Reply:
    request = _request(received)
    if request["status"] != "requested":
        raise conflict("already_decided", f"The request is {request['status']} already.")
    return Reply(body=received.tx.put("time_off", request["id"], {**request, "status": status}))


def _check_employee(received: Received, besides: str | None = None) -> None:
    told = received.body
    departments = {row["name"] for row in received.tx.rows("departments")}
    if told.get("department", next(iter(departments))) not in departments:
        raise invalid_field("/department", "unknown_reference", "There is no department of that name.")
    if told.get("manager_id") is not None and received.tx.get("employees", told["manager_id"]) is None:
        raise invalid_field("/manager_id", "unknown_reference", "There is no such employee.")
    if told.get("manager_id") is not None and told["manager_id"] == besides:
        raise invalid_field("/manager_id", "own_manager", "Nobody is their own manager.")
    same = matching(received.tx.rows("employees"), told, exact=("work_email",)) if "work_email" in told else []
    if any(row["id"] != besides for row in same):
        raise conflict("duplicate_work_email", f"{same[0]['id']} has this work e-mail already.", "/work_email")
