"""What stands in limbo is found, and quickly where there are very many tickets."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import Engine, event, insert, text
from sqlalchemy.orm import Session

from storage import absences, duty_runs, joining, limbo, posts
from storage.people import Account
from storage.posts import Role
from storage.ticket_tables import Status, Ticket, TicketStage
from tests.storage.county import NOON, corner, someone

DAY = timedelta(days=1)


def test_who_cannot_answer_is_found(session: Session) -> None:
    place = corner(session)
    names = ("在岗", "请假", "临时离岗", "离岗", "被屏蔽", "替岗")
    here, leave, out, gone, blocked, deputy = (someone(session, name) for name in names)
    for one in (here, leave, out, gone, blocked):
        posts.set_post(
            session, person_id=one.id, role=Role.GRID_WORKER, area_id=place.garden.id,
            until=NOON if one is gone else None, deputy_id=deputy.id if one is here else None,
        )  # fmt: skip
    absences.set_absence(session, leave.id, NOON - DAY, NOON + DAY)
    absences.set_absence(session, out.id, NOON, NOON + absences.LEAVE)
    for chat, since in (("1", NOON), ("2", NOON)):
        session.add(
            Account(person_id=blocked.id, channel="web", chat=chat, blocked_at=since,
                    last_used_at=NOON, created_at=NOON)
        )  # fmt: skip
    for number, one in enumerate((here, leave, out, gone, blocked, deputy), 1):
        session.add(
            Ticket(service="request", status=Status.CLAIMED, text="x", filer_id=here.id,
                   owner_id=one.id, area_id=place.home.id, opened_at=NOON, clock_limit=60,
                   clock_since=NOON, next_at=NOON + DAY)
        )  # fmt: skip
        session.flush()
        stage = {"level": "grid", "cause": "offered", "since": NOON, "owner_id": one.id}
        session.add(TicketStage(ticket_id=number, **stage))
    session.flush()
    unfit = {leave.id: "on_leave", gone.id: "left", blocked.id: "blocked"}
    assert limbo.absent_owners(session, NOON) == sorted(unfit)
    for one in (here, leave, out, gone, blocked, deputy):
        assert limbo.why_unfit(session, one.id, NOON) == unfit.get(one.id, "")
    assert list(limbo.broken(session, NOON, 0, 50)) == [2, 4, 5]
    assert list(limbo.broken(session, NOON, 2, 1)) == [4]


def test_a_hundred_thousand_closed_tickets_cost_nothing(engine: Engine) -> None:
    """The look starts from the open ones: no query reads the table from end to end."""
    with Session(engine) as session:
        place = corner(session)
        person = someone(session, "甲")
        row = {"service": "request", "text": "x", "filer_id": person.id, "area_id": place.home.id,
               "opened_at": NOON, "status": Status.CLOSED, "owner_id": person.id}  # fmt: skip
        session.execute(insert(Ticket), [row] * 3000)
        session.execute(text("ANALYZE"))
        asked: list[tuple[str, object]] = []
        event.listen(
            engine, "before_cursor_execute",
            lambda conn, cur, sql, given, *rest: asked.append((sql, given)),
        )  # fmt: skip
        assert limbo.broken(session, NOON, 0, 50) == []
        assert limbo.absent_owners(session, NOON) == []
        assert limbo.alarmed(session) == []
        assert limbo.stuck(session) == []
        # Each request asks four times; it took 30 ms.
        near = joining.alike(
            session, service="request", kind="lighting", area=place.home, place="", text="灯不亮",
            person_id=person.id, now=NOON,
        )  # fmt: skip
        assert near == []
        explain = "EXPLAIN QUERY PLAN " if engine.dialect.name == "sqlite" else "EXPLAIN "
        for sql, given in asked.copy():
            plan = session.connection().exec_driver_sql(explain + sql, given)  # type: ignore[arg-type]
            lines = [" ".join(map(str, line)) for line in plan]
            for whole in ("Seq Scan on tickets", "tickets_pkey", "SCAN tickets$",
                          "tickets USING INTEGER PRIMARY KEY (rowid>"):  # fmt: skip
                assert not any(whole in f"{line}$" for line in lines), (whole, lines)


def test_a_daily_duty_is_taken_once(engine: Engine) -> None:
    with Session(engine) as one, one.begin():
        assert duty_runs.take(one, "limbo", NOON, NOON)
    with Session(engine) as other, other.begin():
        assert not duty_runs.take(other, "limbo", NOON, NOON + DAY)
        assert not duty_runs.take(other, "limbo", NOON - DAY, NOON)
        assert duty_runs.take(other, "limbo", NOON + DAY, NOON + DAY)
        run = duty_runs.last(other, "limbo")
        assert run is not None
        assert (run.slot, run.at) == (NOON + DAY, NOON + DAY)


def test_absences_may_overlap_and_end_together(session: Session) -> None:
    person = someone(session, "甲")
    absences.set_absence(session, person.id, NOON - DAY, NOON + DAY)
    absences.set_absence(session, person.id, NOON - DAY / 2, NOON + 2 * DAY)
    absences.set_absence(session, person.id, NOON + 5 * DAY, NOON + 6 * DAY)
    assert len(absences.coming(session, person.id, NOON)) == 3
    assert absences.end_absence(session, person.id, NOON)
    assert absences.coming(session, person.id, NOON) == []
    assert not absences.is_away(session, person.id, NOON)
    assert absences.is_away(session, person.id, NOON - timedelta(hours=1))


def test_colleagues_are_those_of_the_same_role_nearby(session: Session) -> None:
    place = corner(session)
    me, beside, above, other = (someone(session, name) for name in "甲乙丙丁")
    grid = Role.GRID_WORKER
    posts.set_post(session, person_id=me.id, role=grid, area_id=place.garden.id)
    posts.set_post(session, person_id=above.id, role=grid, area_id=place.community.id)
    posts.set_post(session, person_id=beside.id, role=grid, area_id=place.court.id)
    posts.set_post(session, person_id=other.id, role=Role.LAWYER, area_id=place.garden.id)
    assert posts.colleagues(session, me.id, NOON) == [above.id, beside.id]
