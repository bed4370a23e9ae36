"""WSGI applications: written by hand, and Flask's."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from flask import Flask, request

from qprof.domain.errors import MeasureError
from qprof.targets.web import ask_wsgi, is_application, is_asgi, parse_request, routes_of

Start = Callable[..., Callable[[bytes], None]]


def echo(environ: dict[str, Any], start_response: Start) -> list[bytes]:
    start_response("200 OK", [("Content-Type", "text/plain")])
    names = ("REQUEST_METHOD", "PATH_INFO", "QUERY_STRING")
    return ["|".join(environ[name] for name in names).encode()]


class Body:
    """A response that has to be closed."""

    def __init__(self) -> None:
        self.closed = False

    def __iter__(self) -> Iterator[bytes]:
        yield b"one "
        yield b"two"

    def close(self) -> None:
        self.closed = True


def test_a_request_reaches_the_application() -> None:
    """With its method, decoded path and query."""
    found = ask_wsgi(echo, parse_request("POST /caf%C3%A9?q=a%20b"))
    assert found == "POST|/cafÃ©|q=a%20b".encode()


def test_the_environment_is_what_the_standard_asks_for() -> None:
    """The standard library's own validator has nothing to say."""
    from wsgiref.validate import validator

    def plain(environ: dict[str, Any], start_response: Start) -> list[bytes]:
        start_response("200 OK", [("Content-Type", "text/plain")])
        environ["wsgi.input"].read(0)
        return [b"ok"]

    assert ask_wsgi(validator(plain), parse_request("GET /x?y=1")) == b"ok"


def test_the_response_is_read_to_its_end_and_closed() -> None:
    """Statements that are sent while it streams belong to the call."""
    body = Body()

    def streaming(environ: dict[str, Any], start_response: Start) -> Body:
        start_response("200 OK", [])(b"zero ")
        return body

    assert ask_wsgi(streaming, parse_request("GET /")) == b"zero one two"
    assert body.closed


def test_what_the_application_raises_passes_through() -> None:
    """It is the user's own error."""

    def raising(environ: dict[str, Any], start_response: Start) -> list[bytes]:
        raise LookupError("no shop")

    with pytest.raises(LookupError, match="no shop"):
        ask_wsgi(raising, parse_request("GET /"))


def test_an_application_that_starts_no_response_is_told() -> None:
    """As a server would."""
    with pytest.raises(MeasureError, match="got no response"):
        ask_wsgi(lambda environ, start_response: [], parse_request("GET /"))


def flask_app() -> Flask:
    app = Flask("shop")

    @app.get("/artists")
    def artists() -> dict[str, str]:
        return dict(request.args)

    @app.get("/artists/<int:number>")
    def artist(number: int) -> str:
        return str(number)

    @app.get("/broken")
    def broken() -> str:
        raise LookupError("no such shelf")

    @app.post("/orders/")
    def order() -> str:
        return "ordered"

    return app


def test_flask_answers() -> None:
    """With its arguments."""
    assert ask_wsgi(flask_app(), parse_request("GET /artists?query=a")) == b'{"query":"a"}\n'


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("GET /nowhere", "GET /nowhere was answered with status 404 Not Found: 404 Not Found."),
        ("POST /artists", "405 Method Not Allowed"),
        ("POST /orders", "sent on to http://localhost/orders/ with status 308"),
    ],
)
def test_flask_refuses(text: str, said: str) -> None:
    """With the status, or where it would be answered."""
    with pytest.raises(MeasureError) as refused:
        ask_wsgi(flask_app(), parse_request(text))
    assert said in str(refused.value)


def test_an_exception_that_flask_made_a_page_of_is_raised(capsys: Any) -> None:
    """It is the user's own error, and nothing else is printed."""
    with pytest.raises(LookupError, match="no such shelf"):
        ask_wsgi(flask_app(), parse_request("GET /broken"))
    assert capsys.readouterr().err == ""


def test_what_an_application_reports_as_an_error_is_printed(capsys: Any) -> None:
    """To stderr, as a server would."""

    def talking(environ: dict[str, Any], start_response: Start) -> list[bytes]:
        print("the shelf is low", file=environ["wsgi.errors"])
        return echo(environ, start_response)

    ask_wsgi(talking, parse_request("GET /"))
    assert capsys.readouterr().err == "the shelf is low\n"


def test_flask_is_known_by_its_parameters() -> None:
    """And its GET requests are listed."""
    app = flask_app()
    assert is_application(app)
    assert not is_asgi(app)
    assert [each.where for each in routes_of(app)] == [
        "GET /artists",
        "GET /artists/<int:number>",
        "GET /broken",
        "POST /orders/",
    ]


@pytest.mark.parametrize("value", [Flask, len, "app", None, lambda session, query: None])
def test_other_things_are_no_applications(value: object) -> None:
    """A class is none: it makes one."""
    assert not is_application(value)
