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
  description = "SSH public keys that may log in as admin, instead of ssh_key_file."
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
  default     = ["0.0.0.0/0"]
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

variable "domain" {
  type        = string
  description = "Domain for HTTPS (Caddy, Let's Encrypt), which must point to the node; empty: plain HTTP on port 8080."
  default     = ""
  nullable    = false

  validation {
    condition     = var.domain == "" || can(regex("^([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\\.)+[a-z]{2,63}$", var.domain))
    error_message = "domain must be a domain name in lower case, like faasd.example.com."
  }
}

variable "letsencrypt_email" {
  type        = string
  description = "E-mail that Let's Encrypt warns of certificates that end; needed with a domain."
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
  description = "GB of a volume of its own for functions, their secrets and the login, which a replaced instance takes over; 0: none."
  default     = 10
  nullable    = false

  validation {
    condition     = var.data_volume_size >= 0 && var.data_volume_size <= 16384 && floor(var.data_volume_size) == var.data_volume_size
    error_message = "data_volume_size must be a whole number of GB from 0 to 16384."
  }
}

variable "tags" {
  type        = map(string)
  description = "Tags for everything, beside Name and faasd."
  default     = {}
  nullable    = false
}

variable "instance_type" {
  type        = string
  description = "Instance type, x86 (t3.micro) or Graviton (t4g.micro); the image follows its architecture."
  default     = "t4g.small"
  nullable    = false

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]*\\.[a-z0-9-]+$", var.instance_type))
    error_message = "instance_type must be an EC2 instance type, like t4g.small."
  }
}

variable "subnet_id" {
  type        = string
  description = "Subnet of the instance; null: one of the default VPC."
  default     = null

  validation {
    condition     = var.subnet_id == null || can(regex("^subnet-[0-9a-f]{8,17}$", var.subnet_id))
    error_message = "subnet_id must be the ID of a subnet, like subnet-0123456789abcdef0."
  }
}

variable "ami_name" {
  type        = string
  description = "Name of an image of your own account instead of Debian 12; the newest that matches, * is allowed."
  default     = null
}

variable "root_volume_size" {
  type        = number
  description = "GB of the encrypted root volume, which holds the images."
  default     = 20
  nullable    = false

  validation {
    condition     = var.root_volume_size >= 8 && var.root_volume_size <= 16384 && floor(var.root_volume_size) == var.root_volume_size
    error_message = "root_volume_size must be a whole number of GB from 8 to 16384."
  }
}

variable "route53_zone_id" {
  type        = string
  description = "Route 53 zone in which to make the domain's record; null: you make it yourself."
  default     = null

  validation {
    condition     = var.route53_zone_id == null || can(regex("^[A-Z0-9]{1,32}$", var.route53_zone_id))
    error_message = "route53_zone_id must be the ID of a hosted zone, like Z0123456789ABCDEFGHIJ."
  }
}

variable "enable_ssm" {
  type        = bool
  description = "Whether the instance may register with Systems Manager; its agent is yours to install."
  default     = false
  nullable    = false
}
