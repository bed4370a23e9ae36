"""What a call costs at several sizes, and how that grows: measured, not assumed."""

from qprof.bench.growth import growths
from qprof.bench.scaling import AtSize, at_size

__all__ = ["AtSize", "at_size", "growths"]
