"""The machine that tests on the real thing run on, inside a sandbox: its daemons and accidents."""
