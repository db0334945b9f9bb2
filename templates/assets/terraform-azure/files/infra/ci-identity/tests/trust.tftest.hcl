mock_provider "azurerm" {
  override_during = plan

  mock_resource "azurerm_user_assigned_identity" {
    defaults = {
      id           = "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/payments/providers/Microsoft.ManagedIdentity/userAssignedIdentities/ci"
      principal_id = "00000000-0000-0000-0000-000000000001"
    }
  }
}

variables {
  name                = "payments-api"
  resource_group_name = "payments"
  resource_group_id   = "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/payments"
  location            = "westeurope"
  plan_environment    = "production-plan"
  apply_environment   = "production"
  state_container_id  = "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/payments/providers/Microsoft.Storage/storageAccounts/state/blobServices/default/containers/tfstate"
  github = {
    owner         = "acme"
    owner_id      = "1001"
    repository    = "payments"
    repository_id = "2002"
  }
}

run "admits_the_exact_environment_of_the_exact_repository" {
  command = plan

  assert {
    condition = tomap(output.subjects) == tomap({
      plan-by-id  = "repo:acme@1001/payments@2002:environment:production-plan"
      apply-by-id = "repo:acme@1001/payments@2002:environment:production"
    })
    error_message = "Each identity must admit one exact subject with the numeric ids."
  }

  assert {
    condition     = alltrue([for c in azurerm_federated_identity_credential.ci : c.audience == tolist(["api://AzureADTokenExchange"]) && c.issuer == "https://token.actions.githubusercontent.com"])
    error_message = "Issuer and audience must be exact."
  }
}

run "admits_both_forms_during_a_migration" {
  command = plan

  variables {
    github = {
      owner           = "acme"
      owner_id        = "1001"
      repository      = "payments"
      repository_id   = "2002"
      mutable_subject = true
    }
  }

  assert {
    condition     = length(output.subjects) == 4 && output.subjects["apply-by-name"] == "repo:acme/payments:environment:production"
    error_message = "A migration admits the exact older forms beside the new ones."
  }
}

run "admits_gitlab_by_id_branch_and_environment" {
  command = plan

  variables {
    github = null
    gitlab = { project_id = "42" }
  }

  assert {
    condition     = output.subjects.apply == "project_id:42:ref_type:branch:ref:main:environment_protected:true:deployment_tier:production"
    error_message = "The subject must name id, branch, and a protected environment of the tier."
  }

  assert {
    condition     = output.subjects.plan == "project_id:42:ref_type:branch:ref:main:environment_protected:false:deployment_tier:other"
    error_message = "Who plans must not be who applies."
  }
}

run "refuses_the_tier_of_plans_for_apply" {
  command = plan

  variables {
    github = null
    gitlab = { project_id = "42", tier = "other" }
  }

  expect_failures = [var.gitlab]
}

run "looks_at_the_platform_only_where_it_must" {
  command = plan

  variables {
    platform_ids = [
      "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/net/providers/Microsoft.Network/virtualNetworks/main/subnets/apps",
      "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/registry/providers/Microsoft.ContainerRegistry/registries/acme",
    ]
  }

  assert {
    condition     = alltrue([for action in azurerm_role_definition.platform[0].permissions[0].actions : endswith(action, "/read") && !strcontains(action, "*")])
    error_message = "CI must not change what is the platform's."
  }

  assert {
    condition     = length(azurerm_role_assignment.platform) == 4 && alltrue([for assignment in azurerm_role_assignment.platform : contains(var.platform_ids, assignment.scope)])
    error_message = "Both identities must reach those two things, and not their groups."
  }
}

run "refuses_a_group_of_the_platform" {
  command = plan

  variables {
    platform_ids = ["/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/net"]
  }

  expect_failures = [var.platform_ids]
}

run "reads_to_plan_and_writes_to_apply" {
  command = plan

  assert {
    condition     = alltrue([for action in azurerm_role_definition.ci["plan"].permissions[0].actions : endswith(action, "/read")])
    error_message = "The plan role must not write."
  }

  assert {
    condition     = !anytrue([for action in local.permissions.apply : strcontains(action, "*") || can(regex("roleAssignments/write|vaults/secrets", action))])
    error_message = "Applying must not give itself more."
  }

  assert {
    condition     = azurerm_role_assignment.state["plan"].role_definition_name == "Storage Blob Data Reader" && azurerm_role_assignment.ci["apply"].scope == var.resource_group_id
    error_message = "Planning must not write the state, and no role may reach beyond the group."
  }

  assert {
    condition     = length(azurerm_role_assignment.platform) == 0 && !contains(local.permissions.plan, "Microsoft.App/containerApps/listSecrets/action")
    error_message = "Nothing of the platform's, and no secrets for who plans."
  }
}

run "refuses_a_whole_subscription" {
  command = plan

  variables {
    resource_group_id = "/subscriptions/00000000-0000-0000-0000-000000000000"
  }

  expect_failures = [var.resource_group_id]
}

run "refuses_a_wildcard_for_an_environment" {
  command = plan

  variables {
    apply_environment = "*"
  }

  expect_failures = [var.apply_environment]
}

run "refuses_a_repository_without_ids" {
  command = plan

  variables {
    github = {
      owner         = "acme"
      owner_id      = ""
      repository    = "payments"
      repository_id = ""
    }
  }

  expect_failures = [var.github]
}
