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

variable "ssh_public_keys" {
  type        = list(string)
  description = "SSH public keys that may log in as the image's user."
  default     = []
  nullable    = false

  validation {
    condition     = alltrue([for key in var.ssh_public_keys : can(regex("^(ssh-ed25519|ssh-rsa|ecdsa-sha2-nistp(256|384|521)|sk-ssh-ed25519@openssh\\.com|sk-ecdsa-sha2-nistp256@openssh\\.com) [A-Za-z0-9+/]+=* ?[^\\r\\n]*$", key))])
    error_message = "ssh_public_keys must be public keys, one line each, like 'ssh-ed25519 AAAA... you@laptop'."
  }
}

variable "hostname" {
  type        = string
  description = "The server's name; empty: as the cloud gives it."
  default     = ""
  nullable    = false

  validation {
    condition     = var.hostname == "" || can(regex("^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$", var.hostname))
    error_message = "hostname must be lower-case letters, digits and dashes, at most 63 of them."
  }
}

variable "domain" {
  type        = string
  description = "Domain for HTTPS (Caddy, Let's Encrypt); empty: plain HTTP on port 8080."
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

  validation {
    condition     = var.letsencrypt_email == "" || can(regex("^[A-Za-z0-9._%+-]+@[A-Za-z0-9.-]+\\.[A-Za-z]{2,63}$", var.letsencrypt_email))
    error_message = "letsencrypt_email must be an e-mail address."
  }
}

variable "swap_size" {
  type        = string
  description = "Size of a swap file, like 512M or 1G; empty: none. For less than 1 GB of memory."
  default     = ""
  nullable    = false

  validation {
    condition     = var.swap_size == "" || can(regex("^[1-9][0-9]{0,4}[MG]$", var.swap_size))
    error_message = "swap_size must be a number with M or G, like 512M or 1G."
  }
}

variable "firewall" {
  type        = bool
  description = "Whether the server raises a firewall of its own beside the cloud's."
  default     = false
  nullable    = false
}

variable "password" {
  type        = string
  description = "The gateway's password; null: 63 random hexadecimal digits."
  default     = null
  sensitive   = true

  validation {
    condition     = var.password == null || can(regex("^[A-Za-z0-9._~-]{16,63}$", var.password))
    error_message = "password must be 16 to 63 letters, digits, dots, dashes, underscores or tildes."
  }
}

variable "data_device" {
  type        = string
  description = "Paths of the disk that keeps functions and login, separated by spaces; empty: none."
  default     = ""
  nullable    = false

  validation {
    condition     = can(regex("^(/dev/[A-Za-z0-9_./-]+( /dev/[A-Za-z0-9_./-]+)*)?$", var.data_device))
    error_message = "data_device must be paths below /dev, separated by single spaces."
  }
}
