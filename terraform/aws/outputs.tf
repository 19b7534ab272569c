locals {
  gateway_url = var.domain == "" ? "http://${aws_eip.node.public_ip}:8080" : "https://${var.domain}"
}

output "node_ip" {
  description = "The node's address, which stays when the instance is replaced."
  value       = aws_eip.node.public_ip
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
  value       = "ssh -L 8080:127.0.0.1:8080 admin@${aws_eip.node.public_ip}"
}

output "instance_id" {
  description = "The instance's ID."
  value       = aws_instance.node.id
}

output "security_group_id" {
  description = "The security group's ID."
  value       = aws_security_group.node.id
}

output "ami_id" {
  description = "The image that the instance was made of."
  value       = aws_instance.node.ami
}
