output "plan_client_id" {
  description = "What jobs in the plan environment sign in as."
  value       = azurerm_user_assigned_identity.ci["plan"].client_id
}

output "apply_client_id" {
  description = "What jobs in the apply environment sign in as."
  value       = azurerm_user_assigned_identity.ci["apply"].client_id
}

output "principal_ids" {
  description = "For role assignments of your own: what pipelines need for resources beside the golden path's."
  value       = { for role, identity in azurerm_user_assigned_identity.ci : role => identity.principal_id }
}

output "subjects" {
  description = "The exact subjects that are admitted, to compare with a token that is refused."
  value       = { for key, credential in local.credentials : key => credential.subject }
}
