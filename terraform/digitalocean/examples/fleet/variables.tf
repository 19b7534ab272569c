variable "release_url" {
  type        = string
  description = "Where the nodes fetch faasd_VERSION_all.deb on their first boot."
}

variable "release_sha256" {
  type        = string
  description = "SHA-256 of that file."
}

variable "nodes" {
  type        = map(string)
  description = "Droplet size of each node, by its name."
  default     = { blue = "s-1vcpu-1gb", green = "s-1vcpu-2gb" }
}
