"""Asks in several processes: python processes.py fork|spawn|forkserver|os.fork|subprocess|pool."""

import multiprocessing
import os
import subprocess
import sys

from shop.repositories import Customers


def ask(identity: int) -> None:
    Customers().get(identity)
    Customers().count()


def start(method: str) -> None:
    context = multiprocessing.get_context(method)
    workers = [context.Process(target=ask, args=(number,)) for number in (1, 2, 3)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()


def pool() -> None:
    with multiprocessing.get_context("fork").Pool(2) as workers:
        workers.map(ask, [1, 2, 3])


def fork() -> None:
    pid = os.fork()
    if not pid:
        ask(1)
        os._exit(0)
    os.waitpid(pid, 0)


def main(method: str) -> None:
    Customers().joined()
    if method == "subprocess":
        subprocess.run([sys.executable, __file__, "itself"], check=True)
    elif method == "os.fork":
        fork()
    elif method == "pool":
        pool()
    elif method != "itself":
        start(method)
    Customers().count()


if __name__ == "__main__":
    main(sys.argv[1])
