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
    "Microsoft.Network/networkInterfaces/read",
    "Microsoft.Network/networkSecurityGroups/read",
    "Microsoft.Network/networkSecurityGroups/securityRules/read",
    "Microsoft.Network/privateEndpoints/privateDnsZoneGroups/read",
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

  # Of what is the platform's, and in groups of its own: the subnet, and who may pull from the registry.
  read_platform = [
    "Microsoft.Authorization/roleAssignments/read",
    "Microsoft.Authorization/roleDefinitions/read",
    "Microsoft.Network/virtualNetworks/subnets/read",
  ]

  platform_groups = toset([for id in var.platform_ids : regex("^(/subscriptions/[^/]+/resourceGroups/[^/]+)/", id)[0]])

  state_roles = {
    plan  = "Storage Blob Data Reader"
    apply = "Storage Blob Data Contributor"
  }
}

# A tenant knows one role of a name, so each says which environment it is for.
resource "azurerm_role_definition" "ci" {
  for_each = local.permissions

  name              = "${var.name} CI ${each.key} for ${var.apply_environment}"
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

  name              = "${var.name} CI join for ${var.apply_environment}"
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

# Terraform looks at what the service hangs on, too: at these things exactly, not at their groups.
resource "azurerm_role_definition" "platform" {
  count = length(var.platform_ids) == 0 ? 0 : 1

  name              = "${var.name} CI platform for ${var.apply_environment}"
  description       = "What Terraform reads of the platform's for ${var.name}"
  scope             = sort(local.platform_groups)[0]
  assignable_scopes = sort(local.platform_groups)

  permissions {
    actions = local.read_platform
  }
}

resource "azurerm_role_assignment" "platform" {
  for_each = { for pair in setproduct(keys(local.environments), var.platform_ids) : "${pair[0]} ${pair[1]}" => pair }

  scope              = each.value[1]
  role_definition_id = azurerm_role_definition.platform[0].role_definition_resource_id
  principal_id       = azurerm_user_assigned_identity.ci[each.value[0]].principal_id
  principal_type     = "ServicePrincipal"
}
