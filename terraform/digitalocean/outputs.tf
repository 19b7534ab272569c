output "node_ip" {
  description = "The node's address, which stays when the droplet is replaced."
  value       = module.node.node_ip
}

output "droplet_ip" {
  description = "The same, by the name it has always had."
  value       = module.node.droplet_ip
}

output "gateway_url" {
  description = "The gateway; without a domain only gateway_cidrs reach it, or an SSH tunnel (ssh_cmd)."
  value       = module.node.gateway_url
}

output "password" {
  description = "The gateway's password, for the user admin: terraform output -raw password"
  value       = module.node.password
  sensitive   = true
}

output "login_cmd" {
  description = "Logs faas-cli in; run it where Terraform's state is."
  value       = module.node.login_cmd
}

output "ssh_cmd" {
  description = "Logs in by SSH, and leads port 8080 of your machine to the gateway."
  value       = module.node.ssh_cmd
}

output "droplet_id" {
  description = "The droplet's number."
  value       = module.node.droplet_id
}
