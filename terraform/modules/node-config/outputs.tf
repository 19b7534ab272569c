output "user_data" {
  description = "The cloud-config to give to the server; it holds the password."
  value       = local.user_data
  sensitive   = true

  precondition {
    condition     = var.domain == "" || var.letsencrypt_email != ""
    error_message = "letsencrypt_email is needed with a domain: Let's Encrypt warns there of certificates that end."
  }
}

output "password" {
  description = "The gateway's password, for the user admin."
  value       = local.password
  sensitive   = true
}
