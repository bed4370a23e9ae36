"""The static scan: loader options that multiply or disagree, without importing the code."""

from qprof.scan.files import python_files
from qprof.scan.scanning import Scanned, scan

__all__ = ["Scanned", "python_files", "scan"]
