locals {
  gateway_url = local.domain == "" ? "http://${digitalocean_reserved_ip.node.ip_address}:8080" : "https://${local.domain}"
}

output "node_ip" {
  description = "The node's address, which stays when the droplet is replaced."
  value       = digitalocean_reserved_ip.node.ip_address
}

output "droplet_ip" {
  description = "The same, by the name it has always had."
  value       = digitalocean_reserved_ip.node.ip_address
}

output "gateway_url" {
  description = "The gateway; without a domain only gateway_cidrs reach it, or an SSH tunnel (ssh_cmd)."
  value       = local.gateway_url
}

output "password" {
  description = "The gateway's password, for the user admin: terraform output -raw password"
  value       = module.config.password
  sensitive   = true
}

output "login_cmd" {
  description = "Logs faas-cli in; run it where Terraform's state is."
  value       = "terraform output -raw password | faas-cli login --gateway ${local.gateway_url} --password-stdin"
}

output "ssh_cmd" {
  description = "Logs in by SSH, and leads port 8080 of your machine to the gateway."
  value       = "ssh -L 8080:127.0.0.1:8080 root@${digitalocean_reserved_ip.node.ip_address}"
}

output "droplet_id" {
  description = "The droplet's number."
  value       = digitalocean_droplet.node.id
}
