"""Users are looked up as Docker does, in files that an image may fill with anything."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from faasd.base.errors import Unsatisfiable
from faasd.node.adapters.containerd.passwd import resolve
from faasd.node.domain.blueprint import ContainerUser

PASSWD = "root:x:0:0:root:/root:/bin/sh\napp:x:1000:1001:an app:/home/app:/bin/sh\nbare:x:7:8\n"
GROUP = "root:x:0:\napp:x:1001:\nlogs:x:50:app,other\ndisk:x:6:root,app\nempty:x:9\n"


@pytest.mark.parametrize(
    ("user", "expected"),
    [
        ("", ContainerUser(uid=0, gid=0, groups=(6,), home="/root")),
        ("0", ContainerUser(uid=0, gid=0, groups=(6,), home="/root")),
        ("app", ContainerUser(uid=1000, gid=1001, groups=(50, 6), home="/home/app")),
        ("1000", ContainerUser(uid=1000, gid=1001, groups=(50, 6), home="/home/app")),
        ("app:logs", ContainerUser(uid=1000, gid=50, home="/home/app")),
        ("app:77", ContainerUser(uid=1000, gid=77, home="/home/app")),
        ("1234", ContainerUser(uid=1234, gid=0)),
        ("1234:empty", ContainerUser(uid=1234, gid=9)),
        ("bare", ContainerUser(uid=7, gid=8)),
        ("4294967294", ContainerUser(uid=2**32 - 2, gid=0)),
    ],
)
def test_users_are_whom_docker_says(user: str, expected: ContainerUser) -> None:
    assert resolve(user, passwd_file=PASSWD, group_file=GROUP) == expected


@pytest.mark.parametrize(
    ("user", "told"),
    [
        ("nobody", "user 'nobody'"),
        ("app:nogroup", "group 'nogroup'"),
        ("-1", "user '-1'"),
        ("4294967295", "user '4294967295'"),
        ("٣", "user '٣'"),
        ("9" * 5000, "user '999"),
    ],
)
def test_whom_the_image_does_not_know_is_refused_by_name(user: str, told: str) -> None:
    with pytest.raises(Unsatisfiable, match=told):
        resolve(user, passwd_file=PASSWD, group_file=GROUP)


def test_a_number_too_long_for_python_in_the_image_s_files_is_passed_over() -> None:
    files = f"big:x:{'9' * 5000}:0::/:\n" + PASSWD

    assert resolve("app", passwd_file=files, group_file=f"big:x:{'9' * 5000}:app\n").uid == 1000


@given(user=st.text(max_size=12), passwd=st.text(), group=st.text())
def test_any_file_gives_a_user_or_a_sentence(user: str, passwd: str, group: str) -> None:
    with suppress(Unsatisfiable):
        found = resolve(user, passwd_file=passwd, group_file=group)

        assert 0 <= found.uid < 2**32
        assert 0 <= found.gid < 2**32
