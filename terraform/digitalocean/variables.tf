# The same as of ../modules/digitalocean-node, which checks them, and the token.

variable "do_token" {
  type        = string
  description = "API token of DigitalOcean; null: from the environment, DIGITALOCEAN_TOKEN."
  default     = null
  sensitive   = true
}

variable "name" {
  type        = string
  description = "Name of the node, of what belongs to it, and the server's host name."
  default     = "faasd"
  nullable    = false
}

variable "release_url" {
  type        = string
  description = "Where the node fetches faasd_VERSION_all.deb on its first boot."
  nullable    = false
}

variable "release_sha256" {
  type        = string
  description = "SHA-256 of that file; the node installs nothing else."
  nullable    = false
}

variable "images_url" {
  type        = string
  description = "Where the core services' images are, written by `faasd core-images export` for the server's architecture; empty: the node builds them."
  default     = ""
  nullable    = false

  validation {
    condition     = can(regex("^(https?://[^\\s'\"]+)?$", var.images_url))
    error_message = "images_url must be an http(s) URL, without spaces or quotes."
  }
}

variable "images_sha256" {
  type        = string
  description = "SHA-256 of that file; needed with `images_url`."
  default     = ""
  nullable    = false

  validation {
    condition     = can(regex("^([0-9a-f]{64})?$", var.images_sha256))
    error_message = "images_sha256 must be 64 hexadecimal digits in lower case, as sha256sum prints them."
  }
}

variable "ssh_key_file" {
  type        = string
  description = "File with your SSH public key; not read where ssh_public_keys is set."
  default     = "~/.ssh/id_ed25519.pub"
  nullable    = false
}

variable "ssh_public_keys" {
  type        = list(string)
  description = "SSH public keys that may log in as root, instead of ssh_key_file."
  default     = []
  nullable    = false
}

variable "ssh_cidrs" {
  type        = list(string)
  description = "Networks that reach SSH (port 22), like [\"198.51.100.7/32\"]; empty: none."
  default     = []
  nullable    = false
}

variable "web_cidrs" {
  type        = list(string)
  description = "Networks that reach HTTP and HTTPS (ports 80 and 443)."
  default     = ["0.0.0.0/0", "::/0"]
  nullable    = false
}

variable "gateway_cidrs" {
  type        = list(string)
  description = "Networks that reach the gateway's plain HTTP (port 8080); empty: none, it is reached by HTTPS or through SSH."
  default     = []
  nullable    = false
}

variable "letsencrypt_email" {
  type        = string
  description = "E-mail that Let's Encrypt warns of certificates that end; needed with do_domain."
  default     = ""
  nullable    = false
}

variable "password" {
  type        = string
  description = "The gateway's password; null: 63 random hexadecimal digits."
  default     = null
  sensitive   = true
}

variable "swap_size" {
  type        = string
  description = "Size of a swap file, like 512M or 1G; empty: none. For less than 1 GB of memory."
  default     = ""
  nullable    = false
}

variable "data_volume_size" {
  type        = number
  description = "GB of a volume of its own for functions, their secrets and the login, which a replaced droplet takes over; 0: none."
  default     = 10
  nullable    = false
}

variable "tags" {
  type        = list(string)
  description = "Tags for droplet and volume, beside faasd."
  default     = []
  nullable    = false
}

variable "do_region" {
  type        = string
  description = "Region of everything."
  default     = "fra1"
  nullable    = false
}

variable "do_size" {
  type        = string
  description = "Size of the droplet."
  default     = "s-1vcpu-1gb"
  nullable    = false
}

variable "do_image" {
  type        = string
  description = "Image of the droplet: the slug of Debian 12, or the number of an image of your own."
  default     = "debian-12-x64"
  nullable    = false
}

variable "do_domain" {
  type        = string
  description = "Your domain, like example.com; the node is do_subdomain below it. Empty: plain HTTP on port 8080."
  default     = ""
  nullable    = false
}

variable "do_subdomain" {
  type        = string
  description = "Name of the node below do_domain."
  default     = "faasd"
  nullable    = false
}

variable "do_create_record" {
  type        = bool
  description = "Whether to make the A record in do_domain, which must be a domain of your DigitalOcean account."
  default     = false
  nullable    = false
}
