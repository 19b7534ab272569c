"""Supervisors that hang, and such that only take their time."""

import subprocess

import pytest

from faasd.supervisor.pulse import Patience
from tests.unit.supervisor.played import Play

TURN = 3.0
"""Seconds: longer than a busy machine needs to start a program."""


def test_a_first_supervisor_that_hangs_ends_it(
    play: Play, caplog: pytest.LogCaptureFixture
) -> None:
    up = play("time.sleep(600)", Patience(turn=0.5))

    up.until(lambda: up.keeper.status is not None)

    assert up.keeper.status == 1
    assert "hangs" in caplog.text


def test_a_later_supervisor_that_is_stopped_is_followed_by_another(
    play: Play, service: "subprocess.Popen[bytes]"
) -> None:
    up = play(
        f"""
        if len(sys.argv) == 1:
            run({service.pid})
        elif (place / "once").exists():
            run(0)
        else:
            (place / "once").touch()
            pulse.beat()
            os.kill(os.getpid(), signal.SIGSTOP)
        """,
        Patience(turn=TURN),
    )
    up.until(lambda: up.keeper.is_resting)

    service.kill()
    up.until(lambda: up.told() == ["began", "began --resume", "began --resume"])
    up.until(lambda: up.keeper.is_resting)

    assert up.keeper.status is None


@pytest.mark.parametrize("sign", ["beat", "begin_images"])
def test_a_supervisor_that_gives_signs_of_life_may_take_its_time(
    play: Play, service: "subprocess.Popen[bytes]", sign: str
) -> None:
    up = play(
        f"""
        for _ in range(9 if {sign!r} == "beat" else 1):
            pulse.{sign}()
            time.sleep({TURN} / 6 if {sign!r} == "beat" else {TURN} * 1.5)
        run({service.pid})
        """,
        Patience(turn=TURN, images=60),
    )

    up.until(lambda: up.keeper.status is not None or up.keeper.is_resting)

    assert up.keeper.status is None


def test_no_program_of_a_supervisor_holds_its_pulse(play: Play) -> None:
    up = play("""
        import subprocess
        held = subprocess.run(["ls", "/proc/self/fd"], close_fds=False, capture_output=True)
        note(os.environ.get("faasd_pulse", "none"), *held.stdout.decode().split())
    """)

    up.until(lambda: up.keeper.is_resting)

    assert up.told() == ["began", "none 0 1 2 3"]
