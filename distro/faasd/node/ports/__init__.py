"""What workloads ask of a machine, each a small Protocol. Adapters fulfil them.

Every method raises `faasd.base.errors.Unavailable` when what stands behind it does not answer,
and every removal of something that is not there is a success.
"""
