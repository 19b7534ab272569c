locals {
  domain = var.do_domain == "" ? "" : "${var.do_subdomain}.${var.do_domain}"
  tags   = distinct(concat(["faasd"], var.tags))

  key_file        = pathexpand(var.ssh_key_file)
  key_of_file     = fileexists(local.key_file) ? [trimspace(file(local.key_file))] : []
  ssh_public_keys = length(var.ssh_public_keys) > 0 ? var.ssh_public_keys : local.key_of_file
  data_volume     = "${var.name}-data"
}

module "config" {
  source = "../node-config"

  release_url       = var.release_url
  release_sha256    = var.release_sha256
  images_url        = var.images_url
  images_sha256     = var.images_sha256
  ssh_public_keys   = local.ssh_public_keys
  hostname          = var.name
  domain            = local.domain
  letsencrypt_email = var.letsencrypt_email
  swap_size         = var.swap_size
  password          = var.password
  data_device       = var.data_volume_size == 0 ? "" : "/dev/disk/by-id/scsi-0DO_Volume_${local.data_volume}"
}

# Without a key of its own DigitalOcean would send a root password by e-mail.
resource "digitalocean_ssh_key" "node" {
  for_each = { for index, key in local.ssh_public_keys : tostring(index) => key }

  name       = "${var.name}-${each.key}"
  public_key = each.value
}

resource "digitalocean_droplet" "node" {
  name     = var.name
  region   = var.do_region
  size     = var.do_size
  image    = var.do_image
  ssh_keys = [for key in digitalocean_ssh_key.node : key.id]
  tags     = local.tags

  # cloud-init reads it on the first boot only, and DigitalOcean keeps it as it was: a change makes
  # a new droplet, and the data volume keeps functions and login.
  user_data = module.config.user_data

  graceful_shutdown = true

  lifecycle {
    precondition {
      condition     = length(local.ssh_public_keys) > 0
      error_message = "There is no file ${var.ssh_key_file}. Set ssh_key_file to your public key, or ssh_public_keys."
    }
  }
}

resource "digitalocean_volume" "data" {
  count = var.data_volume_size == 0 ? 0 : 1

  name        = local.data_volume
  region      = var.do_region
  size        = var.data_volume_size
  description = "Functions, their secrets and the login of faasd node ${var.name}"
  tags        = local.tags
}

resource "digitalocean_volume_attachment" "data" {
  count = var.data_volume_size == 0 ? 0 : 1

  droplet_id = digitalocean_droplet.node.id
  volume_id  = digitalocean_volume.data[0].id
}
