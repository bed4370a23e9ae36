"""The text of a request, and what is said of an answer that is no success."""

import pytest

from qprof.domain.errors import MeasureError, QprofError
from qprof.targets.web import is_request, parse_request
from qprof.targets.web.answers import WebAnswer, check_answer, first_line

WRONG = {
    "GET artists": "Write 'GET /artists'.",
    "FETCH /artists": "Known: GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS.",
    "GTE /artists": "Did you mean 'GET'?",
    "get /artists": "Did you mean 'GET'?",
    "GET /my artists": "write %20",
}


@pytest.mark.parametrize("text", WRONG)
def test_a_wrong_request_says_what_to_type(text: str) -> None:
    """It is known as a request all the same, and not as the name of a call."""
    assert is_request(text)
    with pytest.raises(QprofError) as refused:
        parse_request(text)
    assert WRONG[text] in str(refused.value)
    assert refused.value.exit_code == 2


@pytest.mark.parametrize("name", ["artists.search", "ArtistDAO.count", "search"])
def test_the_name_of_a_call_is_no_request(name: str) -> None:
    """It has no blank in it."""
    assert not is_request(name)


def test_a_path_is_decoded_and_a_query_is_not() -> None:
    """As both interfaces have it, whether the user encoded it or not."""
    for text in ("GET /caf%C3%A9?q=%C3%A9&limit=5", "GET /café?q=é&limit=5"):
        request = parse_request(text)
        assert request.path == "/café".encode()
        assert request.query == "q=%C3%A9&limit=5"
        assert request.raw_path == "/caf%C3%A9"


@pytest.mark.parametrize(
    ("status", "body", "said"),
    [
        (404, b"<!doctype html>\n<title>404 Not Found</title>\n<p>x", "Not Found: 404 Not Found."),
        (422, b'{"detail":"limit"}', "422 Unprocessable"),
        (500, b"", "500 Internal Server Error."),
        (599, b"", "status 599."),
    ],
)
def test_an_error_is_told_in_a_sentence(status: int, body: bytes, said: str) -> None:
    """With the path, the status and the first line that says anything."""
    with pytest.raises(MeasureError, match="GET /x was answered") as refused:
        check_answer(parse_request("GET /x"), WebAnswer(status, (), body))
    assert said in str(refused.value)


def test_a_redirect_to_another_path_names_it() -> None:
    """It runs nothing of what was asked for."""
    with pytest.raises(MeasureError, match="sent on to /x/ with status 308"):
        check_answer(parse_request("GET /x"), WebAnswer(308, (("Location", "/x/"),)))


@pytest.mark.parametrize("method", ["GET", "HEAD"])
@pytest.mark.parametrize("status", [302, 303])
def test_a_page_that_only_names_another_one_is_not_measured(status: int, method: str) -> None:
    """Such as a login wall: nothing of the page was run."""
    with pytest.raises(MeasureError, match=f"sent on to /login with status {status}"):
        check_answer(parse_request(f"{method} /x"), WebAnswer(status, (("Location", "/login"),)))


@pytest.mark.parametrize("status", [200, 204, 302, 303])
def test_other_answers_are_successes(status: int) -> None:
    """Also a redirect that follows work done."""
    check_answer(parse_request("POST /x"), WebAnswer(status, (("Location", "/y"),)))


def test_the_first_line_is_without_tags() -> None:
    """And without blanks around it."""
    assert first_line(b"\n <html>\n <h1>No  such <b>shop</b></h1>") == "No such shop"
