"""docs/tls.md and docs/firewall.md, followed word by word."""

import subprocess
from pathlib import Path

from tests.machine.pages import read_blocks
from tests.public.place import Ended, Node, World, run

ELSEWHERE = "From another machine"


def follow(page: str, directory: Path) -> dict[str, Ended]:
    """Run each block of a page where it says; return how each ended."""
    ended: dict[str, Ended] = {}
    for before, block in read_blocks(page):
        place = ["ip", "netns", "exec", "world"] if ELSEWHERE in before else []
        done = subprocess.run(
            [*place, "bash", "-eu", "-c", block],
            cwd=directory,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=180,
            check=False,
        )
        assert done.returncode == 0, f"{page}: {block}\n{done.stdout}"
        ended[block] = Ended(done.returncode, done.stdout)
    return ended


def of(ended: dict[str, Ended], words: str) -> str:
    """Return what the block with these words printed."""
    (found,) = [one.out for block, one in ended.items() if words in block]
    return found


def test_the_page_about_https_does_what_it_says(node: Node, world: World, tmp_path: Path) -> None:
    ended = follow("tls.md", tmp_path)
    assert of(ended, "apt install caddy").endswith("https://faasd.example.com\n")
    assert of(ended, "http://faasd.example.com/healthz").startswith("HTTP/1.1 308")
    assert of(ended, "--cacert faasd.crt") == "OK"
    assert of(ended, "--no-domain").endswith("http://127.0.0.1:8080\n")
    node.wait_up()
    assert world.asks("http://192.0.2.1:8080/healthz").out == "OK"


def test_the_page_about_the_firewall_does_what_it_says(node: Node, tmp_path: Path) -> None:
    ended = follow("firewall.md", tmp_path)
    assert "policy drop" in of(ended, "nft list table inet faasd_host")
    assert "open: 22/tcp, 5432/tcp, 8080/tcp, 51820/udp" in of(ended, "--open '5432")
    assert "open: 22/tcp, 8080/tcp\n" in of(ended, "--open ''")
    assert "faasd_host" not in run("nft", "list", "tables").out
    node.wait_up()
