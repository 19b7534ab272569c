# One node that only you reach, by plain HTTP on port 8080.
module "faasd" {
  source = "../.."

  release_url    = var.release_url
  release_sha256 = var.release_sha256
  ssh_cidrs      = [var.my_cidr]
  gateway_cidrs  = [var.my_cidr]
  web_cidrs      = []
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
