"""The data plane: HAProxy's configuration, its runtime socket, and which function goes where.

`Router` (`faasd.router.routes`) is what other packages use; docs/router.md tells the design.
"""
