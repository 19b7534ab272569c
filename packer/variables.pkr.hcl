# A pattern must fit all of a value. Packer 1.6.6 has no regex(): what is left once the pattern is
# taken away must be nothing.

variable "release" {
  type        = string
  description = "Folder made by distro/offline/make.sh: packages, core images, the sample function."

  validation {
    condition     = length(var.release) > 0
    error_message = "The release is empty: name the folder that distro/offline/make.sh made."
  }
}

variable "stack" {
  type        = string
  description = "The stack.yml whose functions a node of this image runs after its first boot."
  default     = "packer/stack.yml"

  validation {
    condition     = regex_replace(var.stack, ".+[.]ya?ml$", "") == ""
    error_message = "The stack must be a file like stack.yml."
  }
}

variable "archives" {
  type        = string
  description = "Folder of images as docker save or skopeo copy write them (*.tar), taken in before a registry is asked."
  default     = "packer/archives"

  validation {
    condition     = length(var.archives) > 0
    error_message = "The archives are empty: name a folder, which may be empty."
  }
}

variable "output" {
  type        = string
  description = "Folder for what a build makes: the disk, the list of what is in it, checksums. It must not be there."
  default     = "image"

  validation {
    condition     = length(var.output) > 0
    error_message = "The output is empty: name a folder."
  }
}

variable "name" {
  type        = string
  description = "Beginning of the image's name; the release's version follows."
  default     = "faasd"

  validation {
    condition     = length(var.name) > 2 && regex_replace(var.name, "^[a-z][a-z0-9-]{2,40}$", "") == ""
    error_message = "The name must be 3 to 41 lower-case letters, digits and dashes, the first a letter."
  }
}

variable "version" {
  type        = string
  description = "The release's version, which ends the image's name."

  validation {
    condition     = length(var.version) > 0 && regex_replace(var.version, "^[0-9][0-9a-z.-]{0,30}$", "") == ""
    error_message = "The version must be like 0.1.0."
  }
}

# qemu

variable "qemu_base" {
  type        = string
  description = "Disk with Debian 12 and cloud-init to begin from: a file or a URL, qcow2 or raw."
  default     = "https://cloud.debian.org/images/cloud/bookworm/latest/debian-12-genericcloud-amd64.qcow2"

  validation {
    condition     = length(var.qemu_base) > 0
    error_message = "The qemu_base is empty: name a file or a URL."
  }
}

variable "qemu_base_checksum" {
  type        = string
  description = "Its checksum, as sha256:… or sha512:… or file:URL of a list."
  default     = "file:https://cloud.debian.org/images/cloud/bookworm/latest/SHA512SUMS"

  validation {
    condition     = length(var.qemu_base_checksum) > 7 && regex_replace(var.qemu_base_checksum, "^(sha256:[0-9a-f]{64}|sha512:[0-9a-f]{128}|file:.+)$", "") == ""
    error_message = "The qemu_base_checksum must be sha256:…, sha512:… or file:…: nothing is built from an unknown disk."
  }
}

variable "qemu_format" {
  type        = string
  description = "Format of the disk that is made: qcow2 or raw."
  default     = "qcow2"

  validation {
    condition     = contains(["qcow2", "raw"], var.qemu_format)
    error_message = "The qemu_format must be qcow2 or raw."
  }
}

variable "qemu_size" {
  type        = string
  description = "Size of that disk, at least that of the one it begins from. A larger one grows at first boot."
  default     = "6G"

  validation {
    condition     = length(var.qemu_size) > 0 && regex_replace(var.qemu_size, "^[1-9][0-9]{0,4}[MG]$", "") == ""
    error_message = "The qemu_size must be like 6G or 6144M."
  }
}

variable "qemu_accelerator" {
  type        = string
  description = "kvm, or tcg where the machine that builds has no KVM: everything then takes about ten times as long."
  default     = "kvm"

  validation {
    condition     = contains(["kvm", "tcg"], var.qemu_accelerator)
    error_message = "The qemu_accelerator must be kvm or tcg."
  }
}

variable "qemu_cpu" {
  type        = string
  description = "Model of the processor, as qemu's -cpu takes it."
  default     = "max"
}

variable "qemu_seed" {
  type        = string
  description = "Folder with key, user-data and meta-data by which Packer gets into the machine; packer/build.sh makes one."
  default     = "packer/seed"
}

# amazon-ebs

variable "aws_region" {
  type        = string
  description = "Region where the image is built and stays."
  default     = "eu-central-1"

  validation {
    condition     = length(var.aws_region) > 0 && regex_replace(var.aws_region, "^[a-z]{2}(-[a-z]+)+-[0-9]$", "") == ""
    error_message = "The aws_region must be like eu-central-1."
  }
}

variable "aws_architecture" {
  type        = string
  description = "x86_64 or arm64; the release must be for it, and the instance type, too."
  default     = "x86_64"

  validation {
    condition     = contains(["x86_64", "arm64"], var.aws_architecture)
    error_message = "The aws_architecture must be x86_64 or arm64."
  }
}

variable "aws_instance_type" {
  type        = string
  description = "Instance that builds."
  default     = "t3.small"

  validation {
    condition     = length(var.aws_instance_type) > 0 && regex_replace(var.aws_instance_type, "^[a-z][a-z0-9-]*[.][a-z0-9-]+$", "") == ""
    error_message = "The aws_instance_type must be like t3.small."
  }
}

variable "aws_subnet_id" {
  type        = string
  description = "Subnet of that instance; empty: one of the default VPC."
  default     = ""

  validation {
    condition     = regex_replace(var.aws_subnet_id, "^subnet-[0-9a-f]{8,17}$", "") == ""
    error_message = "The aws_subnet_id must be like subnet-0123456789abcdef0."
  }
}

variable "aws_encrypt" {
  type        = bool
  description = "Whether the image's snapshot is encrypted with the account's key; such an image cannot be made public."
  default     = true
}

variable "aws_endpoint" {
  type        = string
  description = "URL of another EC2 API than Amazon's; empty: Amazon's."
  default     = ""

  validation {
    condition     = regex_replace(var.aws_endpoint, "^https?://[^ ]+$", "") == ""
    error_message = "The aws_endpoint must be an http(s) URL."
  }
}

# digitalocean

variable "do_token" {
  type        = string
  description = "Token of DigitalOcean's API; DIGITALOCEAN_TOKEN of the environment where it is not set."
  default     = env("DIGITALOCEAN_TOKEN")
  sensitive   = true
}

variable "do_region" {
  type        = string
  description = "Region where the snapshot is made."
  default     = "fra1"

  validation {
    condition     = length(var.do_region) > 0 && regex_replace(var.do_region, "^[a-z]{3}[0-9]$", "") == ""
    error_message = "The do_region must be like fra1."
  }
}

variable "do_size" {
  type        = string
  description = "Droplet that builds; its disk is the least that a droplet of the snapshot has."
  default     = "s-1vcpu-1gb"

  validation {
    condition     = length(var.do_size) > 0 && regex_replace(var.do_size, "^[a-z0-9-]+$", "") == ""
    error_message = "The do_size must be like s-1vcpu-1gb."
  }
}
