variable "release_url" {
  type        = string
  description = "Where the nodes fetch faasd_VERSION_all.deb on their first boot."
}

variable "release_sha256" {
  type        = string
  description = "SHA-256 of that file."
}

variable "domain" {
  type        = string
  description = "The node's domain, like faasd.example.com."
}

variable "letsencrypt_email" {
  type        = string
  description = "Your e-mail, for Let's Encrypt."
}

variable "route53_zone_id" {
  type        = string
  description = "The Route 53 zone of that domain."
}
