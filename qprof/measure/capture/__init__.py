"""What a call sends to the database: every execution, its rows, its path and its call site.

`record` is the door, and `record_process` the one for whole programs. `listen` is the only file
that registers events; `record` leaves nothing behind.
"""

from qprof.measure.capture.listen import listeners_installed, record, record_process
from qprof.measure.capture.recording import Recording

__all__ = ["Recording", "listeners_installed", "record", "record_process"]
