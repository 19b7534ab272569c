"""The keeper: when it starts a supervisor, and what it passes on to it."""

import os
import signal
import subprocess

import pytest

from tests.unit.supervisor.played import Play

TAKEN = (signal.SIGTERM, signal.SIGHUP, signal.SIGUSR1)


def test_the_services_are_watched_once_a_supervisor_left_them_well(
    play: Play, service: "subprocess.Popen[bytes]"
) -> None:
    up = play(f"run({service.pid})")

    up.until(lambda: up.keeper.is_resting)

    assert up.told() == ["began"]
    assert up.keeper.status is None


def test_a_service_that_ends_starts_a_supervisor_that_goes_on(
    play: Play, service: "subprocess.Popen[bytes]"
) -> None:
    up = play(f"run({service.pid} if len(sys.argv) == 1 else 0)")
    up.until(lambda: up.keeper.is_resting)

    service.kill()
    up.until(lambda: up.told() == ["began", "began --resume"])
    up.until(lambda: up.keeper.is_resting)


def test_a_first_supervisor_that_fails_ends_it_and_its_sentence_is_all(
    play: Play, capfd: pytest.CaptureFixture[str]
) -> None:
    up = play('sys.exit("faasd: the file is bad")')

    up.until(lambda: up.keeper.status is not None)

    assert up.keeper.status == 1
    assert capfd.readouterr().err == "faasd: the file is bad\n"


def test_a_later_supervisor_that_fails_is_followed_by_another(
    play: Play, service: "subprocess.Popen[bytes]"
) -> None:
    up = play(f"""
        if len(sys.argv) == 1:
            run({service.pid})
        elif (place / "once").exists():
            run(0)
        else:
            (place / "once").touch()
            os.kill(os.getpid(), signal.SIGKILL)
    """)
    up.until(lambda: up.keeper.is_resting)

    service.kill()
    up.until(lambda: up.told() == ["began", "began --resume", "began --resume"])
    up.until(lambda: up.keeper.is_resting)

    assert up.keeper.status is None


def test_sigterm_ends_the_supervisor_that_runs(play: Play) -> None:
    up = play("until_told()\nwrite_board(place, ())")
    up.until(lambda: up.told() == ["began"])

    os.kill(os.getpid(), signal.SIGTERM)
    up.until(lambda: up.keeper.status == 0)

    assert up.told() == ["began", "heard SIGTERM"]


def test_sigterm_while_nothing_runs_has_the_services_removed(
    play: Play, service: "subprocess.Popen[bytes]"
) -> None:
    up = play(f"run({service.pid} if len(sys.argv) == 1 else 0)")
    up.until(lambda: up.keeper.is_resting)

    os.kill(os.getpid(), signal.SIGTERM)
    up.until(lambda: up.keeper.status == 0)

    assert up.told() == ["began", "began --remove"]


def test_sigterm_that_comes_when_a_supervisor_is_done_still_removes_the_services(
    play: Play, service: "subprocess.Popen[bytes]"
) -> None:
    up = play(f"until_told() if len(sys.argv) == 1 else None\nrun({service.pid})")
    up.until(lambda: up.told() == ["began"])

    os.kill(os.getpid(), signal.SIGTERM)
    up.until(lambda: up.keeper.status == 0)

    assert up.told() == ["began", "heard SIGTERM", "began --remove"]


def test_a_signal_that_comes_before_a_supervisor_is_ready_waits_for_it(play: Play) -> None:
    up = play("time.sleep(0.2)\nuntil_told()\nwrite_board(place, ())")

    os.kill(os.getpid(), signal.SIGTERM)
    up.until(lambda: up.keeper.status is not None)

    assert (up.keeper.status, up.told()[-1]) == (0, "heard SIGTERM")


def test_sighup_has_the_file_read_again(play: Play, service: "subprocess.Popen[bytes]") -> None:
    up = play(f"run({service.pid})")
    up.until(lambda: up.keeper.is_resting)

    os.kill(os.getpid(), signal.SIGHUP)
    up.until(lambda: len(up.told()) > 1)
    up.until(lambda: up.keeper.is_resting)

    assert up.told() == ["began", "began --resume --reload"]


def test_sighup_to_a_supervisor_that_may_be_done_is_not_lost(
    play: Play, service: "subprocess.Popen[bytes]"
) -> None:
    up = play(f"until_told() if len(sys.argv) == 1 else None\nrun({service.pid})")
    up.until(lambda: up.told() == ["began"])

    os.kill(os.getpid(), signal.SIGHUP)
    up.until(lambda: up.keeper.is_resting)

    assert up.told() == ["began", "heard SIGHUP", "began --resume --reload"]


def test_sigusr1_ends_it_and_leaves_the_services(
    play: Play, service: "subprocess.Popen[bytes]"
) -> None:
    up = play(f"run({service.pid})")
    up.until(lambda: up.keeper.is_resting)

    os.kill(os.getpid(), signal.SIGUSR1)
    up.until(lambda: up.keeper.status == 0)

    assert up.told() == ["began"]
    assert service.poll() is None


def test_sigusr1_does_not_wait_for_a_supervisor_at_work(play: Play) -> None:
    up = play("until_told()")
    up.until(lambda: up.told() == ["began"])

    os.kill(os.getpid(), signal.SIGUSR1)
    up.until(lambda: up.keeper.status == 0)

    assert up.told() == ["began"]


def test_sigusr1_leaves_nothing_that_sigterm_has_removed(
    play: Play, service: "subprocess.Popen[bytes]"
) -> None:
    up = play(f"run({service.pid}) if len(sys.argv) == 1 else time.sleep(0.2)")
    up.until(lambda: up.keeper.is_resting)

    os.kill(os.getpid(), signal.SIGTERM)
    up.turn()
    os.kill(os.getpid(), signal.SIGUSR1)
    up.until(lambda: up.keeper.status == 0)

    assert up.told() == ["began", "began --remove"]


def test_the_signals_are_as_before_when_it_is_closed(play: Play) -> None:
    before = [signal.getsignal(number) for number in TAKEN]

    up = play("run(0)")
    during = [signal.getsignal(number) for number in TAKEN]
    up.keeper.close()

    assert [signal.getsignal(number) for number in TAKEN] == before
    assert during != before
