"""qprof predict."""

from qprof.cli.measuring import Request, Tell, reports
from qprof.domain.report import Report


@reports(without=("try_indexes", "bytes", "select", "ignore", "fail_on", "sql"))
def predict(request: Request, tell: Tell) -> Report:
    """Show what every plan of a call would fetch.

    qprof runs the call without joined collections, and computes the rows of each plan with
    aggregate queries.
    """
    from qprof.runs.predict import predict

    return predict(request, tell)
