"""docker-compose.yaml → frozen values: a strict subset of the Compose format, without surprises.

Everything here is pure but `load`. An unknown key is an error that names file, service and key.
"""
