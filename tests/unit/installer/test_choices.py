"""What was chosen for the machine: malformed is refused, what is not mentioned is kept."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from faasd.base.errors import InvalidInput
from faasd.cli.install import choose
from faasd.installer.choices import Choices, parse_choices, read_choices, write_choices
from faasd.installer.paths import NODE_CONFIG, Machine

PUBLIC = Choices(domain="faasd.example.com", email="you@example.com")
LABEL = st.from_regex(r"[a-z]([a-z0-9-]{0,10}[a-z0-9])?", fullmatch=True)


def test_without_a_file_nothing_is_chosen(tmp_path: Path) -> None:
    assert read_choices(Machine(root=tmp_path)) == Choices()
    assert write_choices(Machine(root=tmp_path), Choices()) == "none"
    assert not Machine(root=tmp_path).at(NODE_CONFIG).exists()


@given(labels=st.lists(LABEL, min_size=1, max_size=4), udp=st.integers(1, 65535))
def test_what_is_written_is_read_again(
    tmp_path_factory: pytest.TempPathFactory, labels: list[str], udp: int
) -> None:
    machine = Machine(root=tmp_path_factory.mktemp("machine"))
    chosen = parse_choices({"domain": ".".join(labels), "tls": "internal", "open": f"{udp}/udp"})
    write_choices(machine, chosen)
    assert read_choices(machine) == chosen


def test_an_option_changes_only_what_it_names() -> None:
    after = choose(PUBLIC, {"firewall": True, "domain": None, "no_domain": False})
    assert (after.domain, after.email, after.firewall) == (PUBLIC.domain, PUBLIC.email, "yes")
    assert choose(after, {"firewall": False}) == PUBLIC
    assert choose(after, {}) == after


@pytest.mark.parametrize("options", [{"domain": ""}, {"no_domain": True}])
def test_a_domain_is_taken_back(options: dict[str, str | bool]) -> None:
    assert choose(PUBLIC, options).domain == ""


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"domain": "faasd.example.com"}, "needs --email too"),
        ({"domain": "faasd.lan", "email": "you@example.com"}, "add --tls internal"),
        ({"domain": "faasd", "email": "you@example.com"}, "add --tls internal"),
        ({"domain": "http://faasd.example.com"}, "it must be a host name"),
        ({"domain": "faasd.example.com:443"}, "it must be a host name"),
        ({"domain": "192.0.2.1", "tls": "internal"}, "it must be a host name"),
        ({"domain": "-a.example.com"}, "it must be a host name"),
        ({"domain": "a b.example.com"}, "it must be a host name"),
        ({"domain": "a.example.com {\n}"}, "it must be a host name"),
        ({"domain": f"{'a' * 64}.example.com"}, "it must be a host name"),
        ({"domain": "*.example.com"}, "it must be a host name"),
        ({"domain": "faasd.example.com", "email": "nobody"}, "an address like"),
        ({"domain": "faasd.example.com", "email": "{$HOME}@example.com"}, "an address like"),
        ({"domain": "faasd.example.com", "email": "a@b"}, "an address like"),
        ({"email": "you@example.com"}, "give --domain too"),
        ({"tls": "internal"}, "give --domain too"),
        ({"domain": "a.example.com", "no_domain": True}, "not both"),
        ({"open": "0"}, "ports like"),
        ({"open": "65536"}, "ports like"),
        ({"open": "22/sctp"}, "ports like"),
        ({"open": "22; drop"}, "ports like"),
    ],
)
def test_what_cannot_be_is_refused_in_a_sentence(
    options: dict[str, str | bool | None], said: str
) -> None:
    with pytest.raises(InvalidInput, match=said):
        choose(Choices(), options)


def test_names_and_ports_have_one_form() -> None:
    chosen = choose(
        Choices(),
        {"domain": "Faasd.Example.COM.", "email": "You@Example.com", "open_": "53/udp,80, 80/tcp"},
    )
    assert chosen.domain == "faasd.example.com"
    assert chosen.email == "You@example.com"
    assert chosen.open == "53/udp 80"
    assert chosen.ports == (("udp", 53), ("tcp", 80))


@pytest.mark.parametrize("line", ["colour=blue", "domain", "=x", "firewall=maybe"])
def test_a_line_that_says_nothing_is_refused_by_its_name(tmp_path: Path, line: str) -> None:
    path = Machine(root=tmp_path).at(NODE_CONFIG)
    path.parent.mkdir(parents=True)
    path.write_text(f"# mine\n\n{line}\n")
    with pytest.raises(InvalidInput, match=r"node\.conf|firewall"):
        read_choices(Machine(root=tmp_path))
