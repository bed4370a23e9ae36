"""qprof predict."""

from qprof.cli.measuring import Request, Tell, reports
from qprof.domain.report import Report


@reports(without=("try_indexes", "bytes", "select", "ignore", "fail_on", "sql"))
def predict(request: Request, tell: Tell) -> Report:
    """Show what every plan of a call would fetch.

    The call is run with nothing multiplied; the rows of its joins are told by aggregates.
    """
    from qprof.runs.predict import predict

    return predict(request, tell)
