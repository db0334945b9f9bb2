# Who is admitted: exact subjects, which is all that Entra compares. A pull request is never admitted,
# because anyone who may open one could then act in the cloud.
locals {
  environments = {
    plan  = var.plan_environment
    apply = var.apply_environment
  }

  issuer = var.github != null ? "https://token.actions.githubusercontent.com" : "https://${var.gitlab.host}"

  # GitHub writes the ids into the subject of repositories created, renamed or moved since July 2026.
  immutable_subjects = var.github == null ? {} : {
    for role, environment in local.environments : "${role}-by-id" => {
      role    = role
      subject = "repo:${var.github.owner}@${var.github.owner_id}/${var.github.repository}@${var.github.repository_id}:environment:${environment}"
    }
  }

  mutable_subjects = !try(var.github.mutable_subject, false) ? {} : {
    for role, environment in local.environments : "${role}-by-name" => {
      role    = role
      subject = "repo:${var.github.owner}/${var.github.repository}:environment:${environment}"
    }
  }

  # GitLab lets no environment's name into a subject, but whether it is protected, and its tier.
  gitlab_environments = var.gitlab == null ? {} : {
    plan  = "environment_protected:false:deployment_tier:other"
    apply = "environment_protected:${var.gitlab.protected}:deployment_tier:${var.gitlab.tier}"
  }

  gitlab_subjects = {
    for role, environment in local.gitlab_environments : role => {
      role    = role
      subject = "project_id:${var.gitlab.project_id}:ref_type:branch:ref:${var.branch}:${environment}"
    }
  }

  credentials = merge(local.immutable_subjects, local.mutable_subjects, local.gitlab_subjects)
}

resource "azurerm_federated_identity_credential" "ci" {
  for_each = local.credentials

  name                = "${var.name}-${each.key}"
  resource_group_name = var.resource_group_name
  parent_id           = azurerm_user_assigned_identity.ci[each.value.role].id
  issuer              = local.issuer
  audience            = ["api://AzureADTokenExchange"]
  subject             = each.value.subject
}
