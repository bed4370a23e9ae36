"""The list of what a prediction models. Whatever is not on it makes a prediction *unknown*.

Each entry has its reason: how the aggregates deal with it, or why it changes no count. The
generated statements of tests/forecast/predict compare what is on the list with executions.
"""

from collections.abc import Iterable, Iterator, Mapping

from sqlalchemy import Connection

from qprof.domain.loaders import OWN_SELECTS
from qprof.forecast.predict.tree import Tree, Unpredictable
from qprof.measure.orm.features import (
    Feature,
    Kind,
    execution_features,
    mapper_features,
    relationship_features,
    statement_features,
)

_KEPT = "stands in the aggregates as it does in the statement"
_SAME = "changes no row"
_ELEMENT = "an expression or a table, which the aggregates repeat"
_STABLE = "the same value for the same row, within a transaction"

_CLAUSES = {
    "select()": "replaced by primary keys; what else is selected stays",
    "set_label_style()": _SAME,
    "propagate_attrs": _SAME,
    "options()": "read one by one, as loader options",
    "memoized_select_entities": "the entities before with_only_columns(), for joins",
    "select_from()": _KEPT,
    "join()": _KEPT,
    "where()": _KEPT,
    "having()": _KEPT,
    "group_by()": _KEPT,
    "order_by()": "kept for LIMIT and DISTINCT ON, else it changes no row",
    "limit()": "kept, if the ORDER BY decides which rows it leaves",
    "offset()": "as LIMIT",
    "distinct()": _KEPT,
    "distinct(on)": "kept with its ORDER BY",
    "with_for_update()": "left out: a lock changes no row",
    "with_statement_hint()": _SAME,
    "with_hint()": _SAME,
}


def _each(words: str, reason: str) -> dict[str, str]:
    return dict.fromkeys(words.split(), reason)


_ELEMENTS = _each(
    """
    alias array binary bindparam boolean case cast clauselist collation column compound_select
    cte date element_list expression_clauselist extract false frame_clause funcfilter  function
    grouping ilike_case_insensitive_operand join json_int_index json_path  json_str_index label
    label_reference null order_by_list over postgresql_distinct_on  select
    select_statement_grouping slice subquery table textclause textual_label_reference  true
    try_cast tuple type_coerce typeclause unary withingroup
    """,
    _ELEMENT,
)
_FUNCTIONS = {
    **_each(
        """
        all and any as between by case cast else exists filter from having in is join like not
        on or over partition select some then union values when where with distinct interval
        """,
        "a word that SQL writes before a parenthesis, found in text()",
    ),
    **_each(
        """
        abs age ascii ceil ceiling char char_length coalesce concat concat_ws date date_add
        date_part date_sub date_trunc datediff date_format datetime day dayofweek exp extract
        floor format glob greatest hex hour if ifnull instr isnull json json_array_length
        json_contains json_extract json_type json_unquote jsonb_array_length julianday  lcase
        least left length ln locate log lower lpad ltrim md5 minute mod month  nullif
        octet_length position pow power quarter replace reverse right round rpad rtrim  second
        sign similarity split_part sqrt strftime strpos substr substring  time timestampdiff
        to_char to_date to_timestamp to_tsquery to_tsvector trim trunc  truncate ts_rank ucase
        unaccent unicode unix_timestamp upper week  plainto_tsquery phraseto_tsquery
        websearch_to_tsquery match year typeof
        """,
        _STABLE,
    ),
    **_each(
        """
        aggregate_strings array_agg avg bit_and bit_or bool_and bool_or count cume_dist
        dense_rank every first_value group_concat json_agg json_group_array jsonb_agg lag
        last_value lead max min mode nth_value ntile percent_rank percentile_cont
        percentile_disc rank row_number stddev string_agg sum total variance
        """,
        "as a function of one row: the rows are the same",
    ),
    **_each(
        """
        current_date current_time current_timestamp current_user localtime localtimestamp now
        session_user user
        """,
        "the same in the next statement, up to the clock",
    ),
}
_SETTINGS = {
    "use_legacy_query_style": "a legacy Query, which names its columns in another way",
    "for_statement": "Query.statement",
    "set_base_alias": "a union of legacy queries: counted if all is joined, else unknown",
    "enable_single_crit": "as set_base_alias, with which it comes",
}
_OPTIONS = {
    "joinedload": "a factor of the product; outer or inner",
    "joinedload(innerjoin)": "the factor may be 0",
    "joinedload.and_()": "in the ON clause of the aggregates",
    'joinedload("*")': "each path that was seen has a strategy of its own",
    "selectinload": "one SELECT for each chunk of parents",
    "selectinload(chunksize)": "the size of the chunk",
    "selectinload(recursion_depth)": "one SELECT for each chunk of each level, if it stays",
    "selectinload.and_()": "in the ON clause, unless the class comes again below",
    "subqueryload": "one SELECT, joined to the root statement",
    "subqueryload.and_()": "in the ON clause, unless the class is in the chain twice",
    "immediateload": "unknown where it stays; its path may move to another strategy",
    "lazyload": "one SELECT for each parent that needs it",
    "lazyload.and_()": "in the ON clause, if the class is on no other path",
    'lazyload("*")': "each path that was seen has a strategy of its own",
    "raiseload": "loads nothing",
    'raiseload("*")': "loads nothing",
    "noload": "loads nothing",
    'noload("*")': "loads nothing",
    "defaultload": "leaves the strategy to the mapping",
    "contains_eager": "reads a JOIN of the statement",
    "defer": "leaves out columns; flagged if a path is found by one",
    'defer("*")': "as defer, for all other columns: load_only()",
    "undefer": "adds columns: cells are read from the compiled statement",
    'undefer("*")': "as undefer",
    "of_type(class)": "joins the columns of a subclass; cells are unknown",
    "selectin_polymorphic": "its SELECTs are those of the run that learns the call, see below",
    "with_loader_criteria": "counted if all is joined, else unknown",
}
_EXECUTION = {
    "schema_translate_map": "the aggregates are sent with it",
    "compiled_cache": _SAME,
    "yield_per": "each batch of rows has SELECTs of its own",
    "stream_results": "the rows come in parts",
    "max_row_buffer": "the size of these parts",
    "autoflush": "a call that reads has nothing to flush",
    "logging_token": "a word in the log",
    "legacy_uniquing": "a legacy Query, which makes its objects unique",
    "only_return_tuples": _SAME,
    "_result_disable_adapt_to_context": "SQLAlchemy's own",
    "isolation_level": "the aggregates are sent in the same transaction",
    "postgresql_readonly": _SAME,
    "postgresql_deferrable": _SAME,
}
_CLASSES = {
    "single-table inheritance": "SQLAlchemy adds the criterion of the class to the aggregates",
    "joined-table inheritance": "the aggregates join the tables",
    "with_polymorphic": "all columns of the hierarchy come; cells are unknown",
}
_COLUMNS = {
    "MappedSQLExpression": "column_property(): one more column",
    "CompositeProperty": "composite(): its columns are counted as such",
    "Composite": "composite(): its columns are counted as such",
    "Synonym": "synonym(): no column of its own",
    "SynonymProperty": "synonym(): no column of its own",
    "ConcreteInheritedProperty": "an attribute that a class has not",
}
_RELATIONSHIPS = {
    "onetomany": "the ON clause is the relationship's own",
    "manytoone": "as onetomany; a lazy load looks into the session first",
    "manytomany": "as onetomany, over a secondary table",
    "secondary": "in the ON clause",
    "viewonly": _SAME,
    "order_by": "changes no row",
    "innerjoin": "the factor may be 0",
    "join_depth": "how deep it goes is seen in the run that learns the call",
    "distinct_target_key": "whether a subqueryload makes its parents distinct",
    **dict.fromkeys(
        (f'lazy="{each}"' for each in ("select", "True", "None", "joined", "False", "selectin")),
        "a strategy of the mapping, as the option of that name",
    ),
    **dict.fromkeys(
        (f'lazy="{each}"' for each in ("subquery", "immediate", "raise", "raise_on_sql", "noload")),
        "a strategy of the mapping, as the option of that name",
    ),
}

MODELLED: Mapping[Kind, Mapping[str, str]] = {
    "clause": _CLAUSES,
    "element": _ELEMENTS,
    "function": _FUNCTIONS,
    "legacy setting": _SETTINGS,
    "loader option": _OPTIONS,
    "execution option": _EXECUTION,
    "class": _CLASSES,
    "column attribute": _COLUMNS,
    "relationship": _RELATIONSHIPS,
}


def refuse_statement(
    statement: object, options: Mapping[str, object], connection: Connection
) -> None:
    """Raise Unpredictable for what a statement uses beyond the list, with its name.

    `options` are the execution options that it is sent with.
    """
    every = {**connection.get_execution_options(), **options}
    _refuse(statement_features(statement))
    _refuse(execution_features(every))


def refuse_mappings(tree: Tree) -> None:
    """Raise Unpredictable for what a class or a relationship of `tree` uses beyond the list."""
    _refuse(_of_tree(tree))


def refuse_wildcards(statement: object, tree: Tree) -> None:
    """Raise Unpredictable for a wildcard beside a default of the mapping that loads eagerly.

    An object on two paths has the wildcard's strategy or the other path's, by which came first.
    """
    wild = [e.name for e in statement_features(statement) if e.name.endswith('("*")')]
    loads = [name for name in wild if not name.startswith(("defer", "undefer"))]
    mappers = [tree.mapper(path) for path in (*tree.entities, *tree.edges)]
    kinds = (each for mapper in mappers for each in mapper.self_and_descendants)
    for prop in (prop for each in kinds for prop in each.relationships if loads):
        if prop.lazy in _EAGER:
            raise Unpredictable(f"it is not known what {loads[0]} leaves of {prop}")


_EAGER = (*OWN_SELECTS, "joined", False)


def refuse_by_class(statement: object, tree: Tree) -> None:
    """Raise Unpredictable if the SELECTs of selectin_polymorphic() may depend on the plan.

    They are counted in the run that learns the call. Inner joins leave out objects, and an object
    on two paths is loaded for once.
    """
    if all(each.name != "selectin_polymorphic" for each in statement_features(statement)):
        return
    inner = [e.path for e in tree.edges.values() if e.innerjoin or e.step.innerjoin]
    twice = [name for name in tree.entities if tree.comes_elsewhere(name)]
    for path in (*inner, *twice):
        raise Unpredictable(
            f"it is not known for which objects beside {path} subclasses are loaded"
        )


def refuse_immediate(tree: Tree) -> None:
    """Raise Unpredictable for an immediateload below a joinedload of a class with subclasses.

    SQLAlchemy sets up the joined path once for each of the classes. The second time, it takes the
    immediateload for one that runs already, and leaves the objects to be loaded lazily.
    """
    for edge in tree.edges.values():
        above = tree.edges.get(edge.parent)
        while edge.written == "immediate" and above is not None and above.written == "joined":
            owner = tree.mapper(above.parent)
            if len(list(owner.self_and_descendants)) > 1:
                name = owner.class_.__name__
                raise Unpredictable(
                    f"it is not known for which objects SQLAlchemy loads {edge.path}, an "
                    f"immediateload below a joinedload of {name} and its subclasses"
                )
            above = tree.edges.get(above.parent)


def _of_tree(tree: Tree) -> Iterator[Feature]:
    for mapper in {tree.mapper(path): None for path in (*tree.entities, *tree.edges)}:
        yield from mapper_features(mapper)
    for edge in tree.edges.values():
        yield from relationship_features(edge.step)


def _refuse(features: Iterable[Feature]) -> None:
    for feature in features:
        if feature.name not in MODELLED[feature.kind]:
            raise Unpredictable(f"qprof cannot predict {feature}")
