"""The static scan: loader options that multiply or disagree, without importing the code."""

from qprof.scan.scanning import Scanned, scan
from qprof.scan.source_file import python_files

__all__ = ["Scanned", "python_files", "scan"]
