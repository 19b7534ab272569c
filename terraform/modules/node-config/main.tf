# The node's one user-data. `faasd cloud-config render` makes the same text of the same template;
# a test compares them.

# uuid() draws from the operating system's random numbers. The first result is kept in the state:
# no provider beside Terraform's own is needed for it.
resource "terraform_data" "password" {
  input = sensitive(substr(sha512(join("", [uuid(), uuid(), uuid(), uuid()])), 0, 63))

  lifecycle {
    ignore_changes = [input]
  }
}

locals {
  password = var.password == null ? terraform_data.password.output : var.password

  # What cloud-init itself does; what is not wanted is not named.
  machine = merge(
    length(var.ssh_public_keys) == 0 ? {} : { ssh_authorized_keys = var.ssh_public_keys },
    var.hostname == "" ? {} : { hostname = var.hostname },
    var.swap_size == "" ? {} : { swap = { filename = "/swapfile", size = var.swap_size } },
  )

  user_data = templatefile("${path.module}/../../../cloud-init/cloud-config.tftpl", {
    machine        = length(local.machine) == 0 ? "" : yamlencode(local.machine)
    release_url    = var.release_url
    release_sha256 = var.release_sha256
    images_url     = var.images_url
    images_sha256  = var.images_sha256
    domain         = var.domain
    email          = var.letsencrypt_email
    firewall       = var.firewall ? "yes" : "no"
    password       = local.password
    data_device    = var.data_device
  })
}
