"""The provider: the OpenFaaS provider API over a node that runs containers."""
