"""`faasd install --domain`: what other machines reach then, and how it is taken back."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from faasd.installer.choices import read_choices
from faasd.installer.paths import CADDY_SITE, ENVIRONMENT_FILE, Machine
from tests.machine.processes import wait_until
from tests.public.place import BRIDGE_ADDRESS, OTHER, REFUSED, ROOT, Node, World, run

URL = "https://faasd.lan"
TRUST = ("--cacert", ROOT)
CADDYFILE = Path("/etc/caddy/Caddyfile")
THEIRS = "http://blog.lan {\n\trespond hello\n}\n"
CLOSED = (8080, 8081, 8082, 8084, 8085, 8405, 9090, 2019)
"""The router's, the provider's, the gateway's, metrics, Prometheus', Caddy's own."""


def choose_https(node: Node) -> None:
    node.faasd("install", "--domain", "faasd.lan", "--tls", "internal")
    node.start()


def list_reached(world: World, ports: Sequence[int]) -> list[str]:
    """Return which of the node's ports another machine reaches, on either of its addresses."""
    urls = [f"http://{at}:{port}/healthz" for at in ("192.0.2.1", BRIDGE_ADDRESS) for port in ports]
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(world.asks, urls))
    return [url for url, answer in zip(urls, answers, strict=True) if answer.status not in REFUSED]


def test_a_function_is_called_by_https_and_http_is_sent_on(node: Node, world: World) -> None:
    choose_https(node)
    answer = world.asks(f"{URL}/function/echo/path?a=1", *TRUST, "-d", "hello")
    assert "hello" in answer.out
    assert "/path" in answer.out
    sent_on = world.asks("http://faasd.lan/function/echo", "-i")
    assert sent_on.out.startswith("HTTP/1.1 308")
    assert "Location: https://faasd.lan/function/echo" in sent_on.out
    assert node.faasd("url") == f"{URL}\n"


def test_with_a_domain_other_machines_reach_the_web_and_nothing_else(
    node: Node, world: World
) -> None:
    choose_https(node)
    assert world.asks(f"{URL}/healthz", *TRUST).out == "OK"
    assert list_reached(world, CLOSED) == []


def test_without_a_domain_other_machines_reach_the_front_door_and_nothing_else(
    node: Node, world: World
) -> None:
    del node
    assert world.asks("http://192.0.2.1:8080/healthz").out == "OK"
    assert list_reached(world, CLOSED) == ["http://192.0.2.1:8080/healthz"]


def test_functions_still_call_the_node_by_its_name(node: Node) -> None:
    choose_https(node)
    assert node.function_asks(f"http://{BRIDGE_ADDRESS}:8080/healthz").out == "OK"
    queued = node.function_asks(f"http://{BRIDGE_ADDRESS}:8080/async-function/echo", "-id", "x")
    assert " 202 " in queued.out


def test_wrong_logins_are_counted_for_the_address_that_they_came_from(
    node: Node, world: World
) -> None:
    choose_https(node)

    def guess(*more: str) -> str:
        wrong = ("-u", "admin:wrong", "-o", "/dev/null", "-w", "%{http_code}")
        return world.asks(f"{URL}/system/functions", *TRUST, *wrong, *more).out

    guesses = [guess() for _ in range(12)]
    assert guesses[0] == "401"
    assert guesses[-1] == "429"
    assert guess("-H", f"X-Forwarded-For: {OTHER}") == "429"
    assert guess("--interface", OTHER) == "401"


def test_while_the_router_is_down_the_answer_says_so(node: Node, world: World) -> None:
    choose_https(node)
    node.faasd("stop")
    answer = world.asks(f"{URL}/function/echo", *TRUST, "-i", "-m", "15")
    assert " 502 " in answer.out.splitlines()[0]
    assert "the router of this node does not answer" in answer.out
    node.start()
    assert world.asks(f"{URL}/healthz", *TRUST).out == "OK"


def test_installing_again_without_options_keeps_the_domain(node: Node, world: World) -> None:
    choose_https(node)
    said = node.faasd("install")
    node.start()
    assert "https: faasd.lan: /etc/caddy/faasd.caddy as it was" in said
    assert world.asks(f"{URL}/healthz", *TRUST).out == "OK"


def test_taken_back_the_front_door_is_as_before(node: Node, world: World) -> None:
    before = CADDYFILE.read_text()
    choose_https(node)
    assert CADDYFILE.read_text() != before
    node.faasd("install", "--no-domain")
    assert world.asks(f"{URL}/healthz", *TRUST).status in REFUSED
    node.start()
    assert world.asks("http://192.0.2.1:8080/healthz").out == "OK"
    assert CADDYFILE.read_text() == before
    assert "caddy" not in node.faasd("status")


def test_a_caddyfile_of_somebody_else_serves_on_beside_ours(node: Node, world: World) -> None:
    before = CADDYFILE.read_text()
    CADDYFILE.write_text(THEIRS)
    try:
        choose_https(node)
        blog = ("-H", "Host: blog.lan")
        assert world.asks("http://192.0.2.1/", *blog).out == "hello"
        assert world.asks(f"{URL}/healthz", *TRUST).out == "OK"
        assert CADDYFILE.read_text().startswith(THEIRS)
        node.faasd("install", "--no-domain")
        assert CADDYFILE.read_text() == THEIRS
    finally:
        CADDYFILE.write_text(before)


def test_a_caddyfile_that_has_the_same_domain_is_given_back_and_the_reason_told(
    node: Node,
) -> None:
    node.faasd("install", "--no-domain")
    before, chosen = CADDYFILE.read_text(), read_choices(Machine())
    CADDYFILE.write_text("faasd.lan {\n\trespond mine\n}\n")
    try:
        ended = run("faasd", "install", "--domain", "faasd.lan", "--tls", "internal")
        assert ended.status == 1
        assert "ambiguous site definition" in ended.out
        assert "put back as they were" in ended.out
        assert CADDYFILE.read_text() == "faasd.lan {\n\trespond mine\n}\n"
        assert (read_choices(Machine()), Path(ENVIRONMENT_FILE).exists()) == (chosen, False)
        assert not Path(CADDY_SITE).exists(), "the next start knows nothing of it"
    finally:
        CADDYFILE.write_text(before)


def test_a_router_address_of_ones_own_is_kept_and_told(node: Node) -> None:
    environment = Path("/var/lib/faasd/.env")
    environment.write_text("ROUTER_BIND=:8080\n")
    try:
        said = node.faasd("install", "--domain", "faasd.lan", "--tls", "internal")
        assert "it stays open at 0.0.0.0:8080 beside HTTPS" in said
        assert environment.read_text() == "ROUTER_BIND=:8080\n"
    finally:
        environment.unlink()


def test_calls_succeed_while_the_node_is_started_anew(node: Node, world: World) -> None:
    choose_https(node)
    process = Path("/var/lib/faasd/sv/caddy/supervise/pid").read_text()
    node.start()
    assert Path("/var/lib/faasd/sv/caddy/supervise/pid").read_text() == process
    wait_until(lambda: world.asks(f"{URL}/function/echo", *TRUST).status == 0, 5, "answered")
