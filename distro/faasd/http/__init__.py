"""Small HTTP pieces that the node's programs share."""
