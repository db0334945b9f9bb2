# A hardware key of its own, which rotates each year. Only the storage account's identity uses it.
resource "azurerm_user_assigned_identity" "state" {
  name                = "${var.account_name}-key"
  resource_group_name = var.resource_group_name
  location            = var.location
  tags                = var.tags
}

resource "azurerm_key_vault_key" "state" {
  name            = var.account_name
  key_vault_id    = var.key_vault_id
  key_type        = "RSA-HSM"
  key_size        = 3072
  key_opts        = ["unwrapKey", "wrapKey"]
  expiration_date = var.key_expires
  tags            = var.tags

  rotation_policy {
    expire_after         = "P2Y"
    notify_before_expiry = "P60D"

    automatic {
      time_after_creation = "P1Y"
    }
  }

  lifecycle {
    prevent_destroy = true
    # Each rotation sets its own.
    ignore_changes = [expiration_date]
  }
}

resource "azurerm_role_assignment" "key" {
  scope                = azurerm_key_vault_key.state.resource_versionless_id
  role_definition_name = "Key Vault Crypto Service Encryption User"
  principal_id         = azurerm_user_assigned_identity.state.principal_id
  principal_type       = "ServicePrincipal"
}
