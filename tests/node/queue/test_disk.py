"""A disk that has just enough room for the queue."""

from contextlib import closing
from pathlib import Path

from tests.node.queue.running import RunningQueue

JUST_ENOUGH = "jetstream {\n  max_file_store: 700MB\n}\n"
"""Both streams may have 640 MiB together; of a disk, NATS takes three quarters of what is free."""


def test_after_a_restart_the_queue_works_where_no_second_one_would_fit(tmp_path: Path) -> None:
    configuration = tmp_path / "nats.conf"
    configuration.write_text(JUST_ENOUGH)
    running = RunningQueue(tmp_path)
    running.nats.command += ["-c", str(configuration)]
    with closing(running):
        running.start()
        for process in (running.nats, running.gateway, running.worker):
            process.kill()
            process.start()

        running.wait_accepting()
        running.wait_working()
        running.call("after")

        running.wait_empty()
        assert running.bodies() == ["after"]
