"""Images of machines: built by packer/, booted, asked."""
