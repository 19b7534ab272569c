"""The node's control plane behind the router: `/system`, cold functions, async calls, metrics.

docs/gateway.md tells what it does; no warm call of a function passes through it.
"""
