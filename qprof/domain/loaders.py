"""The loader functions of SQLAlchemy, by name."""

STRATEGIES = {
    "joinedload": "joined",
    "selectinload": "selectin",
    "subqueryload": "subquery",
    "lazyload": "select",
    "immediateload": "immediate",
    "raiseload": "raise",
    "noload": "noload",
    "defaultload": "default",
    "contains_eager": "contains_eager",
}
"""Those that say how a relationship is loaded, and the word of relationship(lazy=) for it."""
LOADERS = {strategy: name for name, strategy in STRATEGIES.items()}
COLUMNS = {
    *("load_only", "defer", "undefer", "undefer_group", "with_expression"),
    *("selectin_polymorphic", "with_loader_criteria"),
}
"""Those that say what is loaded of one entity; they leave its relationships alone."""
SAME_SELECT = ("joined", "contains_eager")
"""Loaded by a JOIN in the SELECT that loads the parent."""
EAGER = ("joined", "selectin", "subquery")
"""What two methods can disagree on, to the same effect."""
