"""Files of requests that people have already."""

import json
from pathlib import Path
from typing import Any

import pytest

from qprof.domain.errors import QprofError
from qprof.targets.web import read_requests
from qprof.targets.web.web_request import made_request

HTTP = """@host = http://localhost:8000
@tenant = 7

### the artists
# @name artists
GET {{host}}/artists
    ?query=a
    &page=2 HTTP/1.1
Accept: application/json
X-Tenant: {{tenant}}

###
POST {{host}}/orders
Content-Type: application/json
Authorization: Bearer s3cret

{
  "name": "a"
}

> {% client.log(response.status) %}

###
// a form
POST /login
Content-Type: application/x-www-form-urlencoded

user=ann&password=x

###
GET /artists?query=a&page=2
"""
CURL = r"""$ curl 'https://shop.example/artists?query=a' \
  -H 'X-Tenant: 7' -b 'sid=s3cret' --compressed -o /dev/null

curl -XPOST https://shop.example/orders --data-raw '{"name": "a"}' -H 'content-type: text/json'
curl https://shop.example/login -d user=ann -d password=x
curl -G https://shop.example/find -d q=1 -u ann:pw
curl -F name=x -F rows=@rows.csv shop.example/upload
"""
HAR = {
    "log": {
        "entries": [
            {
                "_resourceType": "document",
                "request": {
                    "method": "GET",
                    "url": "https://shop.example/artists?query=a",
                    "headers": [
                        {"name": ":authority", "value": "shop.example"},
                        {"name": "X-Tenant", "value": "7"},
                        {"name": "If-None-Match", "value": "x"},
                    ],
                },
            },
            {"_resourceType": "image", "request": {"method": "GET", "url": "https://x/a.png"}},
            {
                "_resourceType": "xhr",
                "request": {
                    "method": "POST",
                    "url": "https://shop.example/orders",
                    "headers": [{"name": "Content-Type", "value": "application/json"}],
                    "postData": {"mimeType": "application/json", "text": '{"name": "a"}'},
                },
            },
        ]
    }
}
OPENAPI: dict[str, Any] = {
    "openapi": "3.1.0",
    "paths": {
        "/artists/{artist_id}": {
            "parameters": [
                {"name": "artist_id", "in": "path", "required": True, "example": 3},
            ],
            "get": {"parameters": [{"name": "page", "in": "query", "example": 2}]},
        },
        "/albums/{album_id}": {
            "get": {"parameters": [{"name": "album_id", "in": "path", "required": True}]}
        },
        "/orders": {
            "post": {
                "requestBody": {
                    "content": {
                        "application/json": {
                            "schema": {"$ref": "#/components/schemas/Order"},
                            "examples": {"one": {"value": {"name": "a"}}},
                        }
                    }
                }
            }
        },
    },
}


def read(tmp_path: Path, name: str, text: str) -> dict[str, Any]:
    file = tmp_path / name
    file.write_text(text, encoding="utf-8")
    return {name: made_request(each, {}) for name, each in read_requests(file).items()}


def test_http(tmp_path: Path) -> None:
    """Variables, comments, queries over several lines, bodies, and scripts that are left out."""
    found = read(tmp_path, "shop.http", HTTP)
    assert list(found) == [
        "GET /artists?query=a&page=2",
        "POST /orders",
        "POST /login",
        "GET /artists?query=a&page=2 #2",
    ]
    assert found["GET /artists?query=a&page=2"].header("x-tenant") == "7"
    assert found["POST /orders"].body == b'{"name": "a"}'
    assert found["POST /login"].body == b"user=ann&password=x"
    assert "s3cret" not in "".join(each.text for each in found.values())


def test_curl(tmp_path: Path) -> None:
    """As a browser copies them, and as people type them."""
    (tmp_path / "rows.csv").write_text("1")
    text = CURL.replace("rows.csv", str(tmp_path / "rows.csv"))
    found = read(tmp_path, "shop.sh", text)
    assert list(found) == [
        "GET /artists?query=a",
        "POST /orders",
        "POST /login",
        "GET /find?q=1",
        "POST /upload",
    ]
    first = found["GET /artists?query=a"]
    assert (first.header("x-tenant"), first.header("cookie")) == ("7", "sid=s3cret")
    assert found["POST /orders"].body == b'{"name": "a"}'
    assert found["POST /login"].body == b"user=ann&password=x"
    assert found["GET /find?q=1"].header("authorization").startswith("Basic ")
    assert b'filename="rows.csv"' in found["POST /upload"].body
    assert "s3cret" not in first.text


def test_har(tmp_path: Path) -> None:
    """The page and what its scripts asked for, without pictures and caches."""
    found = read(tmp_path, "shop.har", json.dumps(HAR))
    assert list(found) == ["GET /artists?query=a", "POST /orders"]
    assert found["GET /artists?query=a"].headers == (("X-Tenant", "7"),)
    assert found["POST /orders"].body == b'{"name": "a"}'


def test_openapi(tmp_path: Path) -> None:
    """What has an example for every parameter of its path."""
    found = read(tmp_path, "openapi.json", json.dumps(OPENAPI))
    assert list(found) == ["GET /artists/3?page=2", "POST /orders"]
    assert found["POST /orders"].body == b'{"name": "a"}'


WRONG = {
    "": "has no request in it",
    "SELECT 1": "is no file of requests",
    "GET {{host}}/a": "has no line @host",
    "POST /a\n\n< missing.json": "names missing.json",
    "curl 'http://x": "Look at its quotes",
}


@pytest.mark.parametrize("text", WRONG)
def test_a_wrong_file_is_told_in_a_sentence(text: str, tmp_path: Path) -> None:
    """With the file."""
    with pytest.raises(QprofError) as refused:
        read(tmp_path, "shop.http", text)
    assert WRONG[text] in str(refused.value)


def test_a_file_that_is_not_there_is_told(tmp_path: Path) -> None:
    """With its name."""
    with pytest.raises(QprofError, match=r"none\.http cannot be read"):
        read_requests(tmp_path / "none.http")
