"""What a call costs at several sizes, and how that grows: measured, not assumed."""

from qprof.forecast.bench.growth import growths
from qprof.forecast.bench.scaling import AtSize, at_size

__all__ = ["AtSize", "at_size", "growths"]
