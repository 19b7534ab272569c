"""What a machine can do: hold images, run containers in their own network namespaces, tell events.

`faasd.node.open` gives a `Node`: on containerd, or in memory for tests. Nobody outside this
package knows which.
"""
