"""python -m ledger report."""

import argparse

from sqlalchemy import ForeignKey, create_engine, select
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column, relationship

engine = create_engine("sqlite:///app.db")


class Base(DeclarativeBase):
    pass


class Account(Base):
    __tablename__ = "account"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    entries: Mapped[list["Entry"]] = relationship(back_populates="account")


class Entry(Base):
    __tablename__ = "entry"
    id: Mapped[int] = mapped_column(primary_key=True)
    amount: Mapped[int]
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    account: Mapped[Account] = relationship(back_populates="entries")


def fill() -> None:
    """12 accounts with 5 entries each."""
    Base.metadata.create_all(engine)
    with Session(engine) as session:
        for number in range(12):
            entries = [Entry(amount=each) for each in range(5)]
            session.add(Account(name=f"a{number}", entries=entries))
        session.commit()


def report() -> None:
    with Session(engine) as session:
        for account in session.scalars(select(Account).order_by(Account.id)):
            print(account.name, sum(each.amount for each in account.entries))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="ledger")
    parser.add_argument("command", choices=["fill", "report"])
    {"fill": fill, "report": report}[parser.parse_args().command]()
