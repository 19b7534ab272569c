"""Nodes in a cloud, from a laptop: the user-data, Terraform, AWS's API."""
