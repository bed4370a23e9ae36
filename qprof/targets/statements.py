"""Which statements a read-only transaction lets through, and qprof refuses.

They reach beyond the transaction: other clients hear them, or they end the transaction, or make it
write. A text is read before it is sent; what it cannot tell is listed in docs/safety.md.
"""

import re
from collections.abc import Iterator, Mapping
from functools import lru_cache

_COMMENT = r"/\*(?!M?!).*?\*/|--[^\n]*"
_NAMES = r"\"(?:[^\"]|\"\")*\"|`[^`]*`"
_IGNORED: Mapping[str, re.Pattern[str]] = {
    "postgresql": re.compile(rf"{_COMMENT}|'(?:[^']|'')*'|{_NAMES}|\$(\w*)\$.*?\$\1\$", re.DOTALL),
    "sqlite": re.compile(rf"{_COMMENT}|'(?:[^']|'')*'|{_NAMES}|\[[^]]*\]", re.DOTALL),
    "mysql": re.compile(rf"{_COMMENT}|\#[^\n]*|'(?:[^'\\]|''|\\.)*'|{_NAMES}", re.DOTALL),
}
"""Comments, texts and quoted names. MariaDB runs what stands in a comment of `_RUN`."""
_RUN = re.compile(r"/\*M?!\d*")
"""How a comment begins that MariaDB or MySQL runs, from the version on that it may name."""

_FIRST: Mapping[str, str] = {
    "postgresql": "select with values table show explain begin start commit end rollback abort "
    "savepoint release set reset declare fetch move close insert update delete merge truncate "
    "create alter drop grant revoke comment refresh do call copy prepare "
    "execute deallocate discard",
    "mysql": "select with values table show explain describe desc begin start commit rollback "
    "savepoint release set use do insert update delete replace load xa help",
    "sqlite": "select with values explain pragma begin commit end rollback savepoint release "
    "insert update delete replace create alter drop reindex analyze vacuum attach detach",
}
"""The first words that are sent: of what reads, and of what the database itself refuses. MariaDB
refuses no CREATE and no CALL: they end the transaction first. Neither refuses every LOCK, for which
others wait, nor PostgreSQL a REINDEX or CLUSTER; a HANDLER stays open."""
_REACHING: Mapping[str, re.Pattern[str]] = {
    "postgresql": re.compile(
        r"\b(pg_notify|lo_(?:creat|create|unlink|put|from_bytea|import|export|truncate\w*)|lowrite"
        r"|dblink\w*|pg_(?:reload_conf|rotate_logfile|switch_wal|create_restore_point|stat_reset\w*|stat_statements_reset"
        r"|terminate_backend|cancel_backend|file_write|logical_emit_message|create_\w+_slot"
        r"|drop_replication_slot|replication_\w+|backup_\w+|start_backup|stop_backup|promote"
        r"|wal_replay_\w+|nextoid|import_system_collations|log_backend_memory_contexts)"
        r"|gin_clean_pending_list|brin_(?:de)?summarize_\w+)\s*\("
        r"|^(?:begin|start|set)\b.*\b(read\s+write)\b"
        r"|^(copy)\b.*\bto\s+(?:program\b|'')|^(alter\s+system)\b",
        re.IGNORECASE | re.DOTALL,
    ),
    "mysql": re.compile(
        r"\b(into\s+(?:outfile|dumpfile)|setval\s*\(|nextval\s*\(|next\s+value\s+for)"
        r"|^(set\s+(?:(?!statement\b).*?,\s*)?(?:@@)?(?:global|persist(?:_only)?|password"
        r"|default\s+role))\b",
        re.IGNORECASE | re.DOTALL,
    ),
    "sqlite": re.compile(
        r"^(pragma\s+(?:\w+\s*\.\s*)?(?:(?:query_only|journal_mode|user_version|application_id|encoding"
        r"|auto_vacuum|page_size|locking_mode|writable_schema|schema_version|max_page_count"
        r"|journal_size_limit)\s*[=(]|(?:wal_checkpoint|optimize|incremental_vacuum)\b))|^(vacuum)",
        re.IGNORECASE,
    ),
}
"""What changes more than rows of tables, or the transaction itself; columns may bear such names."""
_FLAG = "transaction_read_only"
"""Looked for in texts, too: set_config() takes the name of a setting as one."""
_ENDING = frozenset(["begin", "start", "commit", "end", "rollback", "abort", "set", "prepare"])
"""First words that end or change a transaction: nothing may stand beside them."""


_LOCKING = re.compile(
    r"\s*\b(?:FOR\s+(?:(?:NO\s+KEY\s+)?UPDATE|(?:KEY\s+)?SHARE)|LOCK\s+IN\s+SHARE\s+MODE)\b"
    r"(?:\s+OF\s+[\w.]+(?:\s*,\s*[\w.]+)*)?(?:\s+(?:NOWAIT|SKIP\s+LOCKED|WAIT\s+\d+)\b)?",
    re.IGNORECASE,
)
"""Only where a SELECT ends: at the end of the text, or of a subquery, or before its LIMIT."""
_AFTER = re.compile(r"\s*(?:$|[);]|FOR\b|LIMIT\b|OFFSET\b|FETCH\b)", re.IGNORECASE)
_READING = frozenset(["select", "with", "values", "table", "declare", "explain", "set"])
"""MariaDB has SET STATEMENT … FOR SELECT."""


def unlocked(dialect: str, text: str) -> str:
    """Return `text` without the clauses by which its SELECTs lock rows: it brings the same rows.

    A read-only transaction of PostgreSQL refuses them, one of MariaDB makes others wait.
    """
    name = "mysql" if dialect == "mariadb" else dialect
    if name not in _FIRST or not _LOCKING.search(text):
        return text
    plain = _IGNORED[name].sub(_blank, text)
    first = plain.lstrip(" \t\r\n(").split(None, 1)[:1]
    if not first or first[0].lower() not in _READING:
        return text
    found = [each for each in _LOCKING.finditer(plain) if _AFTER.match(plain, each.end())]
    for each in reversed(found):
        text = text[: each.start()] + text[each.end() :]
    return text


def _blank(found: re.Match[str]) -> str:
    """Return as many characters as a comment, a text or a name has: a name is a word."""
    fill = " " if found[0].startswith(("/*", "--", "#")) else "x" if found[0][0] in '"`[' else "'"
    return fill * len(found[0])


@lru_cache(maxsize=2_000)
def refused(dialect: str, text: str) -> str | None:
    """Return what of `text` reaches beyond a read-only transaction; None where nothing does."""
    name = "mysql" if dialect == "mariadb" else dialect
    if name not in _FIRST:
        return None
    if name == "postgresql" and _FLAG in text.lower() and not _shows(text):
        return _FLAG
    statements = list(_statements(name, text))
    reasons = (_reason(name, each, alone=len(statements) == 1) for each in statements)
    return next(filter(None, reasons), None)


def _reason(name: str, statement: str, *, alone: bool) -> str | None:
    word = statement.lstrip("(").split(None, 1)[0].lower()
    if word.isalpha() and word not in _FIRST[name].split():
        return word.upper()
    found = _REACHING[name].search(statement)
    if found is not None:
        return " ".join(next(filter(None, found.groups())).upper().split()).rstrip("=( ")
    return None if alone or word not in _ENDING else f"{word.upper()} beside another statement"


def _shows(text: str) -> bool:
    return text.lstrip().lower().startswith("show") or "current_setting" in text


def _statements(name: str, text: str) -> Iterator[str]:
    plain = _RUN.sub(" ", _IGNORED[name].sub(_kept, text))
    for each in plain.split(";"):
        if each.strip(" \t\r\n()"):
            yield each.strip()


def _kept(found: re.Match[str]) -> str:
    """Return what stands for a text, or for a name in quotes; a comment is a blank.

    A name that is one word is that word: in quotes, it calls the same function or PRAGMA.
    """
    if found[0].startswith(("/*", "--", "#")):
        return " "
    name = found[0][1:-1]
    return f" {name} " if found[0][0] in '"`[' and re.fullmatch(r"\w+", name) else "''"
