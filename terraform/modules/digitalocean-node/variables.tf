variable "name" {
  type        = string
  description = "Name of the node, of what belongs to it, and the server's host name."
  default     = "faasd"
  nullable    = false

  validation {
    condition     = can(regex("^[a-z]([a-z0-9-]{0,38}[a-z0-9])?$", var.name))
    error_message = "name must begin with a letter and be lower-case letters, digits and dashes, at most 40 of them."
  }
}

variable "release_url" {
  type        = string
  description = "Where the node fetches faasd_VERSION_all.deb on its first boot."
  nullable    = false

  validation {
    condition     = can(regex("^https?://[^\\s'\"]+$", var.release_url))
    error_message = "release_url must be the http(s) URL of a .deb, without spaces or quotes."
  }
}

variable "release_sha256" {
  type        = string
  description = "SHA-256 of that file; the node installs nothing else."
  nullable    = false

  validation {
    condition     = can(regex("^[0-9a-f]{64}$", var.release_sha256))
    error_message = "release_sha256 must be 64 hexadecimal digits in lower case, as sha256sum prints them."
  }
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

  validation {
    condition     = alltrue([for cidr in var.ssh_cidrs : can(cidrhost(cidr, 0))])
    error_message = "ssh_cidrs must be networks like 198.51.100.7/32 or 2001:db8::/32."
  }
}

variable "web_cidrs" {
  type        = list(string)
  description = "Networks that reach HTTP and HTTPS (ports 80 and 443)."
  default     = ["0.0.0.0/0", "::/0"]
  nullable    = false

  validation {
    condition     = alltrue([for cidr in var.web_cidrs : can(cidrhost(cidr, 0))])
    error_message = "web_cidrs must be networks like 0.0.0.0/0 or 2001:db8::/32."
  }
}

variable "gateway_cidrs" {
  type        = list(string)
  description = "Networks that reach the gateway's plain HTTP (port 8080); empty: none, it is reached by HTTPS or through SSH."
  default     = []
  nullable    = false

  validation {
    condition     = alltrue([for cidr in var.gateway_cidrs : can(cidrhost(cidr, 0))])
    error_message = "gateway_cidrs must be networks like 198.51.100.7/32 or 2001:db8::/32."
  }
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

  validation {
    condition     = var.data_volume_size >= 0 && var.data_volume_size <= 16384 && floor(var.data_volume_size) == var.data_volume_size
    error_message = "data_volume_size must be a whole number of GB from 0 to 16384."
  }
}

variable "tags" {
  type        = list(string)
  description = "Tags for droplet and volume, beside faasd."
  default     = []
  nullable    = false

  validation {
    condition     = alltrue([for tag in var.tags : can(regex("^[A-Za-z0-9:_-]{1,255}$", tag))])
    error_message = "tags must be letters, digits, colons, dashes and underscores."
  }
}

variable "do_region" {
  type        = string
  description = "Region of everything."
  default     = "fra1"
  nullable    = false

  validation {
    condition     = can(regex("^[a-z]{3}[1-9]$", var.do_region))
    error_message = "do_region must be the slug of a region, like fra1."
  }
}

variable "do_size" {
  type        = string
  description = "Size of the droplet."
  default     = "s-1vcpu-1gb"
  nullable    = false

  validation {
    condition     = can(regex("^[a-z0-9]+(-[a-z0-9_.]+)+$", var.do_size))
    error_message = "do_size must be the slug of a droplet's size, like s-1vcpu-1gb."
  }
}

variable "do_image" {
  type        = string
  description = "Image of the droplet: the slug of Debian 12, or the number of an image of your own."
  default     = "debian-12-x64"
  nullable    = false

  validation {
    condition     = can(regex("^(debian-12-x64|[0-9]+)$", var.do_image))
    error_message = "do_image must be debian-12-x64 or the number of an image."
  }
}

variable "do_domain" {
  type        = string
  description = "Your domain, like example.com; the node is do_subdomain below it. Empty: plain HTTP on port 8080."
  default     = ""
  nullable    = false

  validation {
    condition     = var.do_domain == "" || can(regex("^([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\\.)+[a-z]{2,63}$", var.do_domain))
    error_message = "do_domain must be a domain name in lower case, like example.com."
  }
}

variable "do_subdomain" {
  type        = string
  description = "Name of the node below do_domain."
  default     = "faasd"
  nullable    = false

  validation {
    condition     = can(regex("^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(\\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)*$", var.do_subdomain))
    error_message = "do_subdomain must be lower-case letters, digits, dashes and dots, like faasd."
  }
}

variable "do_create_record" {
  type        = bool
  description = "Whether to make the A record in do_domain, which must be a domain of your DigitalOcean account."
  default     = false
  nullable    = false
}
