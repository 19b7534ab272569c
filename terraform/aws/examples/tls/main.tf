# One node with HTTPS: Caddy gets the certificate once the record leads to the node.
module "faasd" {
  source = "../.."

  release_url       = var.release_url
  release_sha256    = var.release_sha256
  domain            = var.domain
  letsencrypt_email = var.letsencrypt_email
  route53_zone_id   = var.route53_zone_id
}

output "gateway_url" {
  description = "Where functions are called."
  value       = module.faasd.gateway_url
}

output "password" {
  description = "The gateway's password: terraform output -raw password"
  value       = module.faasd.password
  sensitive   = true
}
