"""How long a busy machine kept this thread waiting for a processor."""

from pathlib import Path

_FILE = Path("/proc/thread-self/schedstat")
"""Linux writes there for how many nanoseconds the thread ran, then for how many it waited."""


def waited() -> float:
    """Return the seconds that this thread was ready to run and did not; 0 where nothing tells.

    A difference of two takes out of a time what other processes put in. Waiting for a server or a
    disk is no part of it.
    """
    try:
        return int(_FILE.read_bytes().split()[1]) / 1e9
    except (OSError, IndexError, ValueError):
        return 0.0
