output "account_name" {
  description = "The storage account, for `backend \"azurerm\"`."
  value       = azurerm_storage_account.state.name
}

output "container_id" {
  description = "The container's full id, for the roles of the pipeline."
  value       = azurerm_storage_container.state.id
}
