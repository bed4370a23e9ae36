"""Requests to WSGI and ASGI applications, run in this process: no server, and no framework."""

from qprof.targets.web.answers import WebAnswer, check_answer, notes_on
from qprof.targets.web.applications import (
    is_application,
    is_asgi,
    is_factory,
    made_by,
    makes_application,
    takes,
)
from qprof.targets.web.asgi import answer_asgi, ask_asgi, lifespan
from qprof.targets.web.client import Client
from qprof.targets.web.request_files import read_requests
from qprof.targets.web.routes import WebRoute, document_of, routes_of
from qprof.targets.web.secrets import masked_parts, masked_query, secrets_of
from qprof.targets.web.web_request import (
    PARTS,
    WebRequest,
    Written,
    add_option,
    is_request,
    merged,
    parse_request,
    read_request,
)
from qprof.targets.web.wsgi import answer_wsgi, ask_wsgi

__all__ = [
    "PARTS",
    "Client",
    "WebAnswer",
    "WebRequest",
    "WebRoute",
    "Written",
    "add_option",
    "answer_asgi",
    "answer_wsgi",
    "ask_asgi",
    "ask_wsgi",
    "check_answer",
    "document_of",
    "is_application",
    "is_asgi",
    "is_factory",
    "is_request",
    "lifespan",
    "made_by",
    "makes_application",
    "masked_parts",
    "masked_query",
    "merged",
    "notes_on",
    "parse_request",
    "read_request",
    "read_requests",
    "routes_of",
    "secrets_of",
    "takes",
]
