"""Everything that the library says no to, each in one sentence that ends in what to do next.

LibraryError
├─ UsageProblem       ask for something else
│  ├─ RecipeError     a recipe, a key, a value, a scale or a seed
│  ├─ BadTarget       a place where no library can be written
│  ├─ NoDriver        a URL whose driver is not installed
│  ├─ AlreadyThere    a library that nobody said to replace
│  └─ NotOurs         a file, or tables, that qprof did not make
└─ SeedFailed         the right thing was asked for, and could not be done
"""


class LibraryError(Exception):
    """The message is one whole sentence for the user; it never holds a password."""


class UsageProblem(LibraryError):
    """What was asked for makes no sense as it stands."""


class RecipeError(UsageProblem):
    """A recipe cannot be found or read, or one of its values is out of bounds."""


class BadTarget(UsageProblem):
    """The database URL names a place where no library can be written."""


class NoDriver(UsageProblem):
    """The database URL asks for a driver that cannot be imported."""


class AlreadyThere(UsageProblem):
    """The target is a library already, and replacing it was not asked for."""


class NotOurs(UsageProblem):
    """The target is a file, or holds tables, that qprof did not make; it is left alone."""


class SeedFailed(LibraryError):
    """The library could not be written: disk full, locked, out of reach, or not permitted."""
