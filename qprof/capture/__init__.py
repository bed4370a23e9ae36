"""What a call sends to the database: every execution, its rows, its path and its call site.

`record` is the door. `listen` is the only file that registers events; nothing stays behind.
"""

from qprof.capture.listen import listeners_installed, record
from qprof.capture.recording import Recording

__all__ = ["Recording", "listeners_installed", "record"]
