"""What type checkers see of `import qprof`: the API without the delay of its import."""

from qprof.api import CompareResult as CompareResult
from qprof.api import FlatResult as FlatResult
from qprof.api import NotFlat as NotFlat
from qprof.api import PredictResult as PredictResult
from qprof.api import ProfileResult as ProfileResult
from qprof.api import QprofError as QprofError
from qprof.api import RecordResult as RecordResult
from qprof.api import asgi as asgi
from qprof.api import compare as compare
from qprof.api import flat as flat
from qprof.api import predict as predict
from qprof.api import profile as profile
from qprof.api import record as record
from qprof.api import wsgi as wsgi

__all__: list[str]
__version__: str
