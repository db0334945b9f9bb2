mock_provider "azurerm" {
  # Known while planning: an account that may not be destroyed cannot be applied in a test.
  override_during = plan

  mock_resource "azurerm_storage_account" {
    defaults = { id = "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/state/providers/Microsoft.Storage/storageAccounts/acmestate" }
  }
  mock_resource "azurerm_user_assigned_identity" {
    defaults = {
      id           = "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/state/providers/Microsoft.ManagedIdentity/userAssignedIdentities/key"
      principal_id = "00000000-0000-0000-0000-000000000001"
    }
  }
}

variables {
  account_name               = "acmestate"
  resource_group_name        = "state"
  location                   = "westeurope"
  key_vault_id               = "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/keys/providers/Microsoft.KeyVault/vaults/keys"
  key_expires                = "2028-01-31T00:00:00Z"
  subnet_id                  = "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/net/providers/Microsoft.Network/virtualNetworks/main/subnets/state"
  log_analytics_workspace_id = "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/logs/providers/Microsoft.OperationalInsights/workspaces/main"
}

run "is_private_and_knows_no_account_key" {
  command = plan

  assert {
    condition     = !azurerm_storage_account.state.public_network_access_enabled && !azurerm_storage_account.state.allow_nested_items_to_be_public && azurerm_storage_account.state.network_rules[0].default_action == "Deny"
    error_message = "No public access of any kind."
  }

  assert {
    condition     = !azurerm_storage_account.state.shared_access_key_enabled && !azurerm_storage_account.state.local_user_enabled
    error_message = "Only identities may read and write."
  }

  assert {
    condition     = azurerm_storage_container.state.container_access_type == "private"
    error_message = "The container must be private."
  }
}

run "is_versioned_and_encrypted" {
  command = plan

  assert {
    condition     = azurerm_storage_account.state.blob_properties[0].versioning_enabled && azurerm_storage_account.state.blob_properties[0].delete_retention_policy[0].days == 365
    error_message = "Every version must be kept, for a year."
  }

  assert {
    condition     = azurerm_storage_account.state.min_tls_version == "TLS1_2" && azurerm_storage_account.state.https_traffic_only_enabled && azurerm_storage_account.state.infrastructure_encryption_enabled
    error_message = "Encrypted in transit and twice at rest."
  }

  assert {
    condition     = azurerm_key_vault_key.state.key_type == "RSA-HSM" && azurerm_key_vault_key.state.rotation_policy[0].automatic[0].time_after_creation == "P1Y"
    error_message = "A hardware key that rotates each year."
  }
}

run "cannot_be_deleted" {
  command = plan

  assert {
    condition     = azurerm_management_lock.state.lock_level == "CanNotDelete"
    error_message = "The account must be locked."
  }
}

run "refuses_to_forget_soon" {
  command = plan

  variables {
    keep_days = 7
  }

  expect_failures = [var.keep_days]
}

run "refuses_a_name_that_azure_would" {
  command = plan

  variables {
    account_name = "Acme-State"
  }

  expect_failures = [var.account_name]
}
