variable "release_url" {
  type        = string
  description = "Where the nodes fetch faasd_VERSION_all.deb on their first boot."
}

variable "release_sha256" {
  type        = string
  description = "SHA-256 of that file."
}

variable "do_domain" {
  type        = string
  description = "A domain of your DigitalOcean account, like example.com."
}

variable "letsencrypt_email" {
  type        = string
  description = "Your e-mail, for Let's Encrypt."
}
