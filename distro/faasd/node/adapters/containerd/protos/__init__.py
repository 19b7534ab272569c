"""Generated from the .proto files beside this one when the package is built; not in git."""
