"""QP001 broken-limit: no detector's, it stands for each limit that a gate found broken."""

from qprof.judge.rules.rule import Rule


class BrokenLimit(Rule):
    """A call exceeds a limit.

    The limit is that of a budget in [tool.qprof.budgets], of the baseline, or of a test; the
    message says which. A call without an entry in the baseline is one, too, and so is an entry
    without a call.

    Why
    ---
    Somebody has set the limit, or has accepted what the call did cost. It costs more now.

    How to fix
    ----------
    Make the call cheaper: `qprof profile CALL` shows what it costs, and why. Where the new cost is
    right, raise the budget, or accept it in the baseline:

        qprof baseline update CALL --reason "WHY" --by "WHO" --expires DAY

    When to ignore
    --------------
    Never by a comment: a limit has an exception, with a reason and a last day.
    """

    id = "QP001"
    name = "broken-limit"
    level = "error"
