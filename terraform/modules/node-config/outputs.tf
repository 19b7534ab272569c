output "user_data" {
  description = "The cloud-config to give to the server; it holds the password."
  value       = local.user_data
  sensitive   = true

  precondition {
    condition     = var.domain == "" || var.letsencrypt_email != ""
    error_message = "letsencrypt_email is needed with a domain: Let's Encrypt warns there of certificates that end."
  }

  precondition {
    condition     = var.images_url == "" || var.images_sha256 != ""
    error_message = "images_sha256 is needed with images_url: the node installs no file that it cannot check."
  }
}

output "password" {
  description = "The gateway's password, for the user admin."
  value       = local.password
  sensitive   = true
}
