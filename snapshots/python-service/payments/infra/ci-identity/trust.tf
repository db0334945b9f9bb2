# Who is admitted: exact subjects and numeric ids, never a pattern. A pull request is never admitted,
# because anyone who may open one could then act in the cloud.
locals {
  issuer   = var.github != null ? "token.actions.githubusercontent.com" : var.gitlab.host
  audience = var.github != null ? "sts.amazonaws.com" : "https://${var.gitlab.host}/aws/${var.name}"

  environments = {
    plan  = var.plan_environment
    apply = var.apply_environment
  }

  # GitHub writes the ids into the subject of repositories created, renamed or moved since July 2026.
  github_subjects = var.github == null ? {} : {
    for role, environment in local.environments : role => concat(
      ["repo:${var.github.owner}@${var.github.owner_id}/${var.github.repository}@${var.github.repository_id}:environment:${environment}"],
      var.github.mutable_subject ? ["repo:${var.github.owner}/${var.github.repository}:environment:${environment}"] : [],
    )
  }

  # GitLab lets no environment's name into a subject, but whether it is protected, and its tier.
  gitlab_environments = var.gitlab == null ? {} : {
    plan  = "environment_protected:false:deployment_tier:other"
    apply = "environment_protected:${var.gitlab.protected}:deployment_tier:${var.gitlab.tier}"
  }

  gitlab_subjects = {
    for role, environment in local.gitlab_environments : role => [
      "project_id:${var.gitlab.project_id}:ref_type:branch:ref:${var.branch}:${environment}",
    ]
  }

  subjects = merge(local.github_subjects, local.gitlab_subjects)

  # GitLab has all of it in the subject. GitHub's subject has no branch, so its own claims say it.
  github_claims = var.github == null ? {} : {
    "${local.issuer}:repository_id" = var.github.repository_id
    "${local.issuer}:ref"           = "refs/heads/${var.branch}"
  }

  trust = {
    for role, subjects in local.subjects : role => {
      Version = "2012-10-17"
      Statement = [{
        Sid       = "ForgeEnvironment"
        Effect    = "Allow"
        Action    = "sts:AssumeRoleWithWebIdentity"
        Principal = { Federated = local.provider_arn }
        Condition = {
          StringEquals = merge({
            "${local.issuer}:aud" = local.audience
            "${local.issuer}:sub" = subjects
          }, local.github_claims)
        }
      }]
    }
  }
}

resource "aws_iam_openid_connect_provider" "forge" {
  count = var.oidc_provider_arn == null ? 1 : 0

  url            = "https://${local.issuer}"
  client_id_list = [local.audience]
  tags           = var.tags
}

locals {
  provider_arn = var.oidc_provider_arn != null ? var.oidc_provider_arn : one(aws_iam_openid_connect_provider.forge[*].arn)
}
