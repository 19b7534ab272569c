# Several nodes, each on its own; they share nothing.
module "faasd" {
  source   = "../.."
  for_each = var.nodes

  name           = each.key
  instance_type  = each.value
  release_url    = var.release_url
  release_sha256 = var.release_sha256
}

output "gateway_urls" {
  description = "Where functions are called, by node."
  value       = { for name, node in module.faasd : name => node.gateway_url }
}

output "passwords" {
  description = "The gateways' passwords, by node: terraform output -json passwords"
  value       = { for name, node in module.faasd : name => node.password }
  sensitive   = true
}
