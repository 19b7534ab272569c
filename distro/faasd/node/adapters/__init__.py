"""Adapters of `faasd.node.ports` to the machine."""
