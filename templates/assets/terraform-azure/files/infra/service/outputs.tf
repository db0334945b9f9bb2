output "fqdn" {
  description = "The address inside the network, for the load balancer."
  value       = "${azurerm_container_app.service.name}.${azurerm_container_app_environment.service.default_domain}"
}

output "revision" {
  description = "The newest revision, to roll back to."
  value       = azurerm_container_app.service.latest_revision_name
}

output "identity_id" {
  description = "The service's own identity, which the pipeline deploys with."
  value       = azurerm_user_assigned_identity.service.id
}

output "principal_id" {
  description = "The same, for role assignments of your own."
  value       = azurerm_user_assigned_identity.service.principal_id
}

output "environment_id" {
  description = "Where it runs: the pipeline joins it."
  value       = azurerm_container_app_environment.service.id
}

output "vault_uri" {
  description = "The vault. Put the secret `token-keys` into it before the first apply of the app."
  value       = azurerm_key_vault.service.vault_uri
}
