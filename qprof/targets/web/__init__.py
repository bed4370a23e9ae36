"""Requests to WSGI and ASGI applications, run in this process: no server, and no framework."""

from qprof.targets.web.applications import (
    is_application,
    is_asgi,
    is_complete,
    is_factory,
    routes,
    takes,
)
from qprof.targets.web.asgi import ask_asgi, lifespan
from qprof.targets.web.web_request import WebRequest, is_request, parse_request
from qprof.targets.web.wsgi import ask_wsgi

__all__ = [
    "WebRequest",
    "ask_asgi",
    "ask_wsgi",
    "is_application",
    "is_asgi",
    "is_complete",
    "is_factory",
    "is_request",
    "lifespan",
    "parse_request",
    "routes",
    "takes",
]
