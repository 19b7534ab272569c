"""The status page."""

import re

import pytest

from tests.unit.gateway.running import RunningGateway


def test_the_front_leads_to_the_page(gateway: RunningGateway) -> None:
    for path in ("/", "/ui"):
        answer = gateway.get(path)
        assert (answer.status, answer.headers["Location"]) == (302, "/ui/")


def test_the_page_loads_nothing_but_its_own_files(gateway: RunningGateway) -> None:
    page = gateway.get("/ui/")
    assert "default-src 'none'" in page.headers["Content-Security-Policy"]
    assert page.headers["X-Frame-Options"] == "DENY"
    loaded = re.findall(r'(?:src|href)="([^"#]+)"', page.text)
    assert loaded
    for name in loaded:
        answer = gateway.get(f"/ui/{name}")
        assert (answer.status, answer.headers["X-Content-Type-Options"]) == (200, "nosniff")
        assert answer.body


def test_the_page_has_no_script_or_style_in_itself(gateway: RunningGateway) -> None:
    text = gateway.get("/ui/").text
    assert not re.search(r"<script(?![^>]* src=)|<style|\son\w+=|\sstyle=", text)
    script = gateway.get("/ui/app.js").text
    assert not re.search(r"innerHTML|document\.write|eval\(", script)


@pytest.mark.parametrize("name", ["none", "../commit", "%2e%2e/commit", "index.html/x"])
def test_there_is_nothing_else(gateway: RunningGateway, name: str) -> None:
    assert gateway.get(f"/ui/{name}").status == 404
