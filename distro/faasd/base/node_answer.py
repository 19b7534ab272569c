"""How the node's own 404 for a function it does not have is told apart from a function's 404."""

ANSWER_HEADER = "X-Faasd-Answer"
"""Set by the router and the activator; the router deletes it from what replicas answer it."""

UNKNOWN_FUNCTION = "unknown-function"
