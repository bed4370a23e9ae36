"""Sends 100,000 different queries and prints by how many bytes the process grew."""

import gc
import os

from sqlalchemy import create_engine


def resident() -> int:
    gc.collect()
    with open("/proc/self/statm") as stream:
        return int(stream.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def ask(first: int, count: int) -> None:
    with create_engine("sqlite://").connect() as connection:
        for number in range(first, first + count):
            connection.exec_driver_sql("SELECT ?", (number,)).all()
            if not number % 10:
                connection.exec_driver_sql(f"SELECT {number}").all()


ask(0, 10_000)
before = resident()
ask(10_000, 100_000)
print(resident() - before)
