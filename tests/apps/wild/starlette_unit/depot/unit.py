"""A unit of work by hand, with its repositories."""

from collections.abc import Sequence
from types import TracebackType

from sqlalchemy import create_engine, select
from sqlalchemy.orm import Session, sessionmaker

from depot.models import Depot

factory = sessionmaker(create_engine("sqlite:///app.db"))


class Depots:
    def __init__(self, session: Session) -> None:
        self._session = session

    def every(self) -> Sequence[Depot]:
        return self._session.scalars(select(Depot).order_by(Depot.town)).all()


class UnitOfWork:
    def __enter__(self) -> "UnitOfWork":
        self.session = factory()
        self.depots = Depots(self.session)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.session.rollback()
        self.session.close()

    def commit(self) -> None:
        self.session.commit()
