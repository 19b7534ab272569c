variable "release_url" {
  type        = string
  description = "Where the nodes fetch faasd_VERSION_all.deb on their first boot."
}

variable "release_sha256" {
  type        = string
  description = "SHA-256 of that file."
}

variable "my_cidr" {
  type        = string
  description = "Your own network, like 198.51.100.7/32: it alone reaches SSH and the gateway."
}
