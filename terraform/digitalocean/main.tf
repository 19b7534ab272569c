# The node itself is a module without a provider, so that `for_each` makes several (examples/fleet).
module "node" {
  source = "../modules/digitalocean-node"

  name              = var.name
  release_url       = var.release_url
  release_sha256    = var.release_sha256
  images_url        = var.images_url
  images_sha256     = var.images_sha256
  ssh_key_file      = var.ssh_key_file
  ssh_public_keys   = var.ssh_public_keys
  ssh_cidrs         = var.ssh_cidrs
  web_cidrs         = var.web_cidrs
  gateway_cidrs     = var.gateway_cidrs
  letsencrypt_email = var.letsencrypt_email
  password          = var.password
  swap_size         = var.swap_size
  data_volume_size  = var.data_volume_size
  tags              = var.tags
  do_region         = var.do_region
  do_size           = var.do_size
  do_image          = var.do_image
  do_domain         = var.do_domain
  do_subdomain      = var.do_subdomain
  do_create_record  = var.do_create_record
}
