"""Two threads that ask at the same time, each its own question."""

from threading import Thread

from shop.repositories import Customers


def ask() -> None:
    for identity in range(1, 13):
        Customers().get(identity)


def count() -> None:
    for _ in range(20):
        Customers().count()


threads = [Thread(target=ask), Thread(target=count)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
