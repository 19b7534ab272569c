"""What HAProxy's master tells of its workers."""

import pytest

from faasd.router.master import parse_old_workers

HEAD = """#<PID>          <type>          <reloads>       <uptime>        <version>
1271            master          1               0d00h00m28s     2.6.12-1
# workers
1280            worker          0               0d00h00m02s     2.6.12-1
"""
OLD = """# old workers
1273            worker          1               0d00h00m28s     2.6.12-1
1274            worker          2               0d00h00m58s     2.6.12-1
# programs

"""


@pytest.mark.parametrize(
    ("text", "pids"),
    [(HEAD + "# programs\n\n", []), (HEAD + OLD, [1273, 1274]), ("", [])],
    ids=["none", "two", "silence"],
)
def test_workers_that_were_replaced_are_told_from_the_others(text: str, pids: list[int]) -> None:
    assert parse_old_workers(text) == pids
