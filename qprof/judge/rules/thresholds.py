"""From where on a rule speaks: the defaults, which a user may set."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Thresholds:
    """Above these, a pattern is an error or a warning. Ratios are measured divided by needed."""

    rows_amplification: float = 1.5
    """QP101: the rows of a joined SELECT over the rows needed for the same objects."""
    cells_amplification: float = 3.0
    """QP101, QP102: the cells of a call over the cells needed for the same objects."""
    lazy_loads: int = 3
    """QP201: how often one path is loaded parent by parent."""
    repeated_statements: int = 5
    """QP201: how often one root SELECT is sent with different parameters."""
    sibling_amplification: float = 1.5
    """QP501: a call's largest amplification over that of a sibling which loads the same paths."""
    floor_queries: int = 5
    floor_rows: int = 100
    floor_cells: int = 1_000
    """QP102, QP202, QP301, QP302, QP501: what costs less of all three is no warning."""
    unbounded_rows: int = 100_000
    """QP403: from how many rows on a load without a LIMIT is a warning; below, it is a note."""
