# Who is admitted: numeric ids, one branch, two environments. A pull request is never admitted, because
# anyone who may open one could then act in the cloud.
locals {
  environments = {
    plan  = var.plan_environment
    apply = var.apply_environment
  }

  issuer = var.github != null ? "https://token.actions.githubusercontent.com" : "https://${var.gitlab.host}"

  # GitHub writes the ids into the subject of repositories created, renamed or moved since July 2026.
  github_subjects = var.github == null ? [] : flatten([
    for role, environment in local.environments : concat(
      ["repo:${var.github.owner}@${var.github.owner_id}/${var.github.repository}@${var.github.repository_id}:environment:${environment}"],
      var.github.mutable_subject ? ["repo:${var.github.owner}/${var.github.repository}:environment:${environment}"] : [],
    )
  ])

  github_condition = var.github == null ? [] : [
    "assertion.repository_owner_id == '${var.github.owner_id}'",
    "assertion.repository_id == '${var.github.repository_id}'",
    "assertion.ref == 'refs/heads/${var.branch}'",
    "assertion.sub in ['${join("', '", local.github_subjects)}']",
  ]

  gitlab_condition = var.gitlab == null ? [] : [
    "assertion.namespace_id == '${var.gitlab.namespace_id}'",
    "assertion.project_id == '${var.gitlab.project_id}'",
    "assertion.ref_type == 'branch'",
    "assertion.ref == '${var.branch}'",
    "assertion.ref_protected == 'true'",
    "assertion.environment in ['${join("', '", values(local.environments))}']",
  ]

  condition = join(" && ", concat(local.github_condition, local.gitlab_condition))

  # Short and unchangeable: a subject of Google's may have 127 characters, and names change.
  repository_claim = var.github != null ? "assertion.repository_id" : "assertion.project_id"
  repository_id    = var.github != null ? var.github.repository_id : var.gitlab.project_id
  subjects         = { for role, environment in local.environments : role => "${local.repository_id}:${environment}" }
}

resource "google_iam_workload_identity_pool" "ci" {
  project                   = var.project
  workload_identity_pool_id = "${var.name}-ci"
  display_name              = "CI of ${var.name}"
  description               = "Pipelines of one repository"
}

resource "google_iam_workload_identity_pool_provider" "forge" {
  project                            = var.project
  workload_identity_pool_id          = google_iam_workload_identity_pool.ci.workload_identity_pool_id
  workload_identity_pool_provider_id = "forge"
  display_name                       = "The forge"
  attribute_condition                = local.condition

  attribute_mapping = {
    "google.subject" = "${local.repository_claim} + ':' + assertion.environment"
  }

  # Without allowed_audiences, only this provider's own address is one.
  oidc {
    issuer_uri = local.issuer
  }
}
