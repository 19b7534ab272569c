"""What a person pastes into a provider's form makes a server an answering node."""

from tests.vm.installed import Installed
from tests.vm.times import Times


def test_the_pasted_file_makes_a_node_whose_functions_answer_outside(
    installed: Installed, times: Times
) -> None:
    followed = installed.followed
    times.note("power on to the login line (first boot)", followed.booted_after)
    times.note("power on to a function's answer outside, deployed by hand", followed.answered_after)
    assert "POST" in followed.printed[1]
    assert "hello" in followed.printed[1]


def test_the_login_line_says_where_the_node_and_its_password_are(installed: Installed) -> None:
    login = installed.followed.login
    assert login.startswith("faasd: ready after ")
    assert "http://10.0.2.15:8080, user admin, password: sudo cat /var/lib/faasd/secrets/" in login
    assert login in installed.machine.console
    assert installed.state.count("faasd: ") == 1
    assert len(installed.password) == 63


def test_cloud_init_ends_well_and_no_unit_fails(installed: Installed) -> None:
    assert "status: done" in installed.state
    assert "running\n" in installed.state, installed.state
