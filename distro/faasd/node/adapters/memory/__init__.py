"""A machine in memory that behaves like a real one, for tests of what stands on the node.

Its containers really listen on loopback addresses (127.62.x.y:8080), so that what stands on the
node can probe and proxy them as it would on a real machine. The same contract tests hold it and
the containerd adapters to the same promises.
"""
