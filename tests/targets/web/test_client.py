"""What a client sends: bodies, headers, what a login left, and the tokens of forms."""

import asyncio
import json
from collections.abc import Callable
from email import message_from_bytes
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import parse_qs

import pytest
from fastapi import FastAPI, Form, UploadFile
from flask import Flask, jsonify, make_response, request

from qprof.domain.errors import MeasureError, QprofError
from qprof.targets.web import (
    Client,
    WebAnswer,
    WebRequest,
    answer_asgi,
    answer_wsgi,
    lifespan,
    parse_request,
    read_request,
)

SENT: dict[str, tuple[str, str, bytes]] = {
    "json": ("POST /o --json '{\"a\": [1, null]}'", "application/json", b'{"a": [1, null]}'),
    "form": (
        "POST /o --form a=1 --form 'b=x y'",
        "application/x-www-form-urlencoded",
        b"a=1&b=x+y",
    ),
    "body": ("PUT /o --body plain --header 'Content-Type: text/plain'", "text/plain", b"plain"),
    "nothing": ("DELETE /o/3", "", b""),
}


@pytest.mark.parametrize(("text", "kind", "body"), SENT.values(), ids=SENT)
def test_a_body_is_sent_as_its_kind(text: str, kind: str, body: bytes) -> None:
    """With its content type, and nothing that was not asked for."""
    made = parse_request(text)
    assert (made.header("content-type"), made.body) == (kind, body)


def test_headers_and_cookies_are_sent() -> None:
    """Cookies in one header."""
    made = parse_request("GET /o --header 'X-Tenant: 7' --cookie a=1 --cookie=b=2")
    assert made.headers == (("X-Tenant", "7"), ("Cookie", "a=1; b=2"))


def test_a_file_is_sent_as_a_browser_does(tmp_path: Path) -> None:
    """The standard library's own parser of messages finds the field and the file."""
    (tmp_path / "a.csv").write_text("1;2\n")
    made = parse_request(f"POST /o --form name=x --file 'rows={tmp_path}/a.csv'")
    head = f"Content-Type: {made.header('content-type')}\r\n\r\n".encode()
    name, rows = message_from_bytes(head + made.body).get_payload()  # type: ignore[misc]
    assert name.get_payload() == "x"
    assert rows.get_filename() == "a.csv"
    assert rows.get_payload(decode=True) == b"1;2\n"


def test_frameworks_read_what_is_sent(tmp_path: Path) -> None:
    """FastAPI and Flask see the fields, the file and the header."""
    (tmp_path / "a.csv").write_text("1;2\n")
    text = f"POST /o --form name=x --file rows={tmp_path}/a.csv --header 'X-Tenant: 7'"
    fast, flask = FastAPI(), Flask("shop")

    @fast.post("/o")
    async def order(rows: UploadFile, name: Annotated[str, Form()]) -> str:
        return f"{name} {(await rows.read()).decode()}"

    @flask.post("/o")
    def ordered() -> str:
        rows = request.files["rows"].read().decode()
        return f"{request.form['name']} {rows}{request.headers['X-Tenant']}"

    assert _asgi(fast)(parse_request(text)).body == b'"x 1;2\\n"'
    assert answer_wsgi(flask, parse_request(text)).body == b"x 1;2\n7"


def _asgi(app: Any) -> Callable[[WebRequest], WebAnswer]:
    async def asked(made: WebRequest) -> WebAnswer:
        async with lifespan(app) as state:
            return await answer_asgi(app, made, state)

    return lambda made: asyncio.run(asked(made))


def test_parameters_of_a_path_are_filled_and_others_are_its_query() -> None:
    """In whichever framework's brackets; a slash stays one only where a path may be."""
    paths = {
        "GET /a/{id}": "/a/x%2Fy",
        "GET /a/<int:id>": "/a/x%2Fy",
        "GET /a/<id:int>": "/a/x%2Fy",
        "GET /a/{id:path}": "/a/x/y",
        r"GET /a/{id:\w+}": "/a/x%2Fy",
    }
    client = Client(lambda _: WebAnswer(200))
    for text, path in paths.items():
        made = client.request(read_request(text), {"id": "x/y", "page": 2, "all": True})
        assert (made.raw_path, made.query) == (path, "page=2&all=true")


WRONG = {
    "POST /o --json '{a: 1}'": "--json is no JSON",
    "POST /o --json": "--json has no value",
    "POST /o --header X-Tenant": "NAME: VALUE",
    "POST /o --jsn 1": "Did you mean '--json'?",
    "POST /o --form 'a=1": "Look at its quotes",
    "POST /o --form a=1 --json 1": "A request has one body",
    "POST /o --file a=/no/such/file": "cannot be read",
    "POST /o --form 'a=${QPROF_NO_SUCH_THING}'": "The environment has no QPROF_NO_SUCH_THING",
}


@pytest.mark.parametrize("text", WRONG)
def test_a_wrong_part_is_told_in_a_sentence(text: str) -> None:
    """With what to write."""
    with pytest.raises(QprofError) as refused:
        parse_request(text)
    assert WRONG[text] in str(refused.value)
    assert "\n" not in str(refused.value)


def test_no_secret_is_part_of_a_name(monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither as it was typed, nor from the environment; and a file says where it comes from."""
    monkeypatch.setenv("WORD", "from-environment")
    hidden = ("s3cret-1", "s3cret-2", "s3cret-3", "s3cret-4", "s3cret-5", "from-environment")
    body = json.dumps({"name": "ann", "inner": {"password": "s3cret-1"}, "otp": "${WORD}"})
    text = (
        f"POST /o?api_key=s3cret-2&page=1 --json '{body}' "
        "--header 'Authorization: Bearer s3cret-3' --cookie sid=s3cret-4 "
        "--header 'X-Auth-Token: s3cret-5' --header 'X-Tenant: 7'"
    )
    client = Client(lambda _: WebAnswer(200))
    made = client.request(read_request(text), {})
    written = read_request(text)
    for shown in (made.text, written.name, written.portable):
        assert not [each for each in hidden if each in shown]
        assert "page=1" in shown
        assert "X-Tenant: 7" in shown
    assert {*hidden} - {"s3cret-2"} <= client.secrets | {"s3cret-3"}


def signing(answer: Callable[[], Any]) -> Flask:
    app = Flask("shop")
    app.add_url_rule("/login", view_func=lambda: answer(), methods=["POST"])

    @app.get("/me")
    def me() -> str:
        return f"{request.headers.get('Authorization')} {request.cookies.get('sid')}"

    return app


def _with_cookie() -> Any:
    response = make_response("", 303, {"Location": "/"})
    response.set_cookie("sid", "abcd1234")
    return response


TOKENS: dict[str, tuple[Callable[[], Any], str]] = {
    "OAuth2": (
        lambda: jsonify(access_token="abcd1234", token_type="bearer"),
        "Bearer abcd1234 None",
    ),
    "inside": (lambda: jsonify(data={"user": {"token": "abcd1234"}}), "Bearer abcd1234 None"),
    "camel": (lambda: jsonify(accessToken="abcd1234"), "Bearer abcd1234 None"),
    "bare": (lambda: jsonify("abcd1234"), "Bearer abcd1234 None"),
    "cookie": (_with_cookie, "None abcd1234"),
}


@pytest.mark.parametrize(("answer", "right"), TOKENS.values(), ids=TOKENS)
def test_what_a_login_gives_is_carried_on(answer: Any, right: str) -> None:
    """And is known as a secret."""
    app = signing(answer)
    client = Client(lambda made: answer_wsgi(app, made))
    client.log_in(read_request("POST /login --form user=a"))
    made = client.request(read_request("GET /me"), {})
    assert answer_wsgi(app, made).body.decode() == right
    assert "abcd1234" in client.secrets
    assert "abcd1234" not in made.text


REFUSED: dict[str, tuple[Callable[[], Any], str]] = {
    "status": (lambda: ("Wrong password", 401), "status 401 Unauthorized: Wrong password"),
    "back to the login": (lambda: ("", 302, {"Location": "/login?e=1"}), "sent on to /login "),
    "the form again": (
        lambda: ("<form><input type=password></form>", 200, {"Content-Type": "text/html"}),
        "asks for a password again",
    ),
    "nothing": (lambda: "ok", "neither a cookie nor a token"),
}


@pytest.mark.parametrize(("answer", "said"), REFUSED.values(), ids=REFUSED)
def test_a_login_that_signs_nobody_in_is_told(answer: Any, said: str) -> None:
    """Rather than measuring a login page for every request."""
    app = signing(answer)
    client = Client(lambda made: answer_wsgi(app, made))
    with pytest.raises(MeasureError) as refused:
        client.log_in(read_request("POST /login --form user=a"))
    assert said in str(refused.value)


def test_what_a_function_gives_is_carried_on() -> None:
    """A token, headers, or both and cookies."""
    for given in (
        "abcd1234",
        {"Authorization": "Bearer abcd1234"},
        {"headers": {"Authorization": "Bearer abcd1234"}, "cookies": {"a": "1"}},
    ):
        client = Client(lambda _: WebAnswer(200))
        client.carry(given)
        made = client.request(read_request("GET /me"), {})
        assert made.header("authorization") == "Bearer abcd1234"
    with pytest.raises(QprofError, match="--login gave a int"):
        client.carry(3)


def test_a_form_is_sent_with_its_hidden_fields() -> None:
    """Those of the form that is sent there, with the cookie that the page came with."""
    page = (
        '<form action="/search"><input type="hidden" name="other" value="no"></form>'
        '<form method="POST" action="/o"><input type="hidden" name="csrf_token" value="t0ken">'
        '<input name="name"></form>'
    )
    seen: list[WebRequest] = []

    def ask(made: WebRequest) -> WebAnswer:
        seen.append(made)
        return WebAnswer(
            200, (("Content-Type", "text/html"), ("Set-Cookie", "s=1; Path=/")), page.encode()
        )

    made = Client(ask).request(read_request("POST /o --form name=x"), {})
    assert [each.method for each in seen] == ["GET"]
    assert parse_qs(made.body.decode()) == {"name": ["x"], "csrf_token": ["t0ken"]}
    assert made.header("cookie") == "s=1"
    assert "t0ken" not in made.text


def test_a_token_in_a_cookie_is_sent_as_a_header() -> None:
    """As scripts do for Django, Litestar or Angular; not where nothing may change."""
    client = Client(lambda _: WebAnswer(200), cookies={"csrftoken": "abcd"})
    assert client.request(read_request("POST /o --json 1"), {}).header("x-csrftoken") == "abcd"
    assert client.request(read_request("GET /o"), {}).header("x-csrftoken") == ""
