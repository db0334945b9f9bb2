# What the identities may do: the calls that Terraform makes for `infra/service`, in its own resource
# group. Vaults, networks, identities and role assignments are made by people: plan looks at them,
# apply does not change them.
locals {
  read = [
    "Microsoft.App/containerApps/read",
    "Microsoft.App/containerApps/revisions/read",
    "Microsoft.App/managedEnvironments/read",
    "Microsoft.Authorization/roleAssignments/read",
    "Microsoft.Authorization/roleDefinitions/read",
    "Microsoft.Insights/diagnosticSettings/read",
    "Microsoft.KeyVault/vaults/read",
    "Microsoft.ManagedIdentity/userAssignedIdentities/read",
    "Microsoft.Network/networkSecurityGroups/read",
    "Microsoft.Network/networkSecurityGroups/securityRules/read",
    "Microsoft.Network/privateEndpoints/read",
    "Microsoft.Network/virtualNetworks/subnets/read",
    "Microsoft.OperationalInsights/workspaces/read",
    "Microsoft.Resources/subscriptions/resourceGroups/read",
  ]

  write = [
    "Microsoft.App/containerApps/write",
    "Microsoft.App/containerApps/listSecrets/action",
  ]

  permissions = {
    plan  = local.read
    apply = concat(local.read, local.write)
  }

  state_roles = {
    plan  = "Storage Blob Data Reader"
    apply = "Storage Blob Data Contributor"
  }
}

resource "azurerm_role_definition" "ci" {
  for_each = local.permissions

  name              = "${var.name} CI ${each.key}"
  description       = "What Terraform calls for ${var.name} to ${each.key}"
  scope             = var.resource_group_id
  assignable_scopes = [var.resource_group_id]

  permissions {
    actions = each.value
  }
}

resource "azurerm_role_assignment" "ci" {
  for_each = local.permissions

  scope              = var.resource_group_id
  role_definition_id = azurerm_role_definition.ci[each.key].role_definition_resource_id
  principal_id       = azurerm_user_assigned_identity.ci[each.key].principal_id
  principal_type     = "ServicePrincipal"
}

resource "azurerm_role_assignment" "state" {
  for_each = local.state_roles

  scope                = var.state_container_id
  role_definition_name = each.value
  principal_id         = azurerm_user_assigned_identity.ci[each.key].principal_id
  principal_type       = "ServicePrincipal"
}

# Deploying a service that acts as an identity needs a say over that identity, and no other.
resource "azurerm_role_assignment" "deploy_as" {
  count = var.workload_identity_id == null ? 0 : 1

  scope                = var.workload_identity_id
  role_definition_name = "Managed Identity Operator"
  principal_id         = azurerm_user_assigned_identity.ci["apply"].principal_id
  principal_type       = "ServicePrincipal"
}

resource "azurerm_role_definition" "join" {
  count = var.container_app_environment_id == null ? 0 : 1

  name              = "${var.name} CI join"
  description       = "Put a container app into one environment"
  scope             = var.container_app_environment_id
  assignable_scopes = [var.resource_group_id]

  permissions {
    actions = ["Microsoft.App/managedEnvironments/join/action"]
  }
}

resource "azurerm_role_assignment" "join" {
  count = var.container_app_environment_id == null ? 0 : 1

  scope              = var.container_app_environment_id
  role_definition_id = azurerm_role_definition.join[0].role_definition_resource_id
  principal_id       = azurerm_user_assigned_identity.ci["apply"].principal_id
  principal_type     = "ServicePrincipal"
}
