mock_provider "azurerm" {
  override_during = plan

  mock_resource "azurerm_user_assigned_identity" {
    defaults = { id = "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/payments/providers/Microsoft.ManagedIdentity/userAssignedIdentities/payments" }
  }
}

variables {
  name                = "payments-api"
  resource_group_name = "payments"
  location            = "westeurope"
  image               = "acme.azurecr.io/payments@sha256:0000000000000000000000000000000000000000000000000000000000000000"
  registry            = { id = "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/registry/providers/Microsoft.ContainerRegistry/registries/acme", server = "acme.azurecr.io" }
  vault_name          = "payments-api"
  tenant_id           = "00000000-0000-0000-0000-000000000002"
  network = {
    apps_subnet_id      = "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/net/providers/Microsoft.Network/virtualNetworks/main/subnets/apps"
    endpoints_subnet_id = "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/net/providers/Microsoft.Network/virtualNetworks/main/subnets/endpoints"
    caller_prefix       = "10.1.0.0/24"
  }
}

run "has_no_public_address" {
  command = plan

  assert {
    condition     = azurerm_container_app_environment.service.internal_load_balancer_enabled && azurerm_container_app_environment.service.public_network_access == "Disabled"
    error_message = "The environment must be inside the network."
  }

  assert {
    condition     = !azurerm_container_app.service.ingress[0].allow_insecure_connections && azurerm_network_security_rule.callers.source_address_prefix == "10.1.0.0/24"
    error_message = "Only the callers' network, and only with TLS."
  }
}

run "does_not_cut_container_apps_off_from_themselves" {
  command = plan

  assert {
    condition     = azurerm_network_security_rule.nobody_else.source_address_prefix == "Internet" && length(azurerm_network_security_rule.themselves) == 0
    error_message = "Without its own range, Container Apps must not be cut off from themselves."
  }
}

run "lets_callers_and_its_own_subnet_in_and_nobody_else" {
  command = plan

  variables {
    network = {
      apps_subnet_id      = "a"
      endpoints_subnet_id = "b"
      caller_prefix       = "10.1.0.0/24"
      apps_prefix         = "10.2.0.0/23"
    }
  }

  assert {
    condition     = azurerm_network_security_rule.nobody_else.source_address_prefix == "*" && azurerm_network_security_rule.nobody_else.access == "Deny"
    error_message = "The rest of the virtual network must not come in."
  }

  assert {
    condition     = azurerm_network_security_rule.themselves[0].source_address_prefix == "10.2.0.0/23" && azurerm_network_security_rule.themselves[0].priority < azurerm_network_security_rule.nobody_else.priority
    error_message = "Container Apps must reach themselves."
  }
}

run "keeps_its_secrets_in_its_own_vault" {
  command = plan

  assert {
    condition     = azurerm_key_vault.service.purge_protection_enabled && azurerm_key_vault.service.rbac_authorization_enabled && !azurerm_key_vault.service.public_network_access_enabled
    error_message = "The vault must be private, and lose nothing by mistake."
  }

  assert {
    condition     = azurerm_role_assignment.secrets.role_definition_name == "Key Vault Secrets User"
    error_message = "The service must not change its secrets."
  }

  assert {
    condition     = alltrue([for s in azurerm_container_app.service.secret : s.key_vault_secret_id != null])
    error_message = "No secret may be written into the app."
  }
}

run "keeps_logs_for_a_year" {
  command = plan

  assert {
    condition     = azurerm_log_analytics_workspace.service.retention_in_days >= 365 && azurerm_log_analytics_workspace.service.local_authentication_disabled
    error_message = "Logs must be kept, and written by identities alone."
  }
}

run "refuses_an_image_without_a_digest" {
  command = plan

  variables {
    image = "acme.azurecr.io/payments:1.0"
  }

  expect_failures = [var.image]
}

run "refuses_the_whole_internet_as_a_caller" {
  command = plan

  variables {
    network = {
      apps_subnet_id      = "a"
      endpoints_subnet_id = "b"
      caller_prefix       = "0.0.0.0/0"
    }
  }

  expect_failures = [var.network]
}

run "refuses_a_secret_among_the_settings" {
  command = plan

  variables {
    environment = { DATABASE_PASSWORD = "x" }
  }

  expect_failures = [var.environment]
}
