mock_provider "aws" {
  mock_data "aws_partition" {
    defaults = { partition = "aws" }
  }
  mock_data "aws_caller_identity" {
    defaults = { account_id = "111122223333" }
  }
  mock_data "aws_region" {
    defaults = { region = "eu-west-1" }
  }
}

variables {
  name                     = "payments-api"
  cluster_name             = "acme"
  plan_environment         = "production-plan"
  apply_environment        = "production"
  oidc_provider_arn        = "arn:aws:iam::111122223333:oidc-provider/token.actions.githubusercontent.com"
  permissions_boundary_arn = "arn:aws:iam::111122223333:policy/boundary"
  state_bucket_arn         = "arn:aws:s3:::acme-state"
  state_key_arn            = "arn:aws:kms:eu-west-1:111122223333:key/00000000-0000-0000-0000-000000000000"
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
    condition     = output.subjects.plan == ["repo:acme@1001/payments@2002:environment:production-plan"] && output.subjects.apply == ["repo:acme@1001/payments@2002:environment:production"]
    error_message = "Each role must admit one exact subject with the numeric ids."
  }

  assert {
    condition = alltrue([
      for role in aws_iam_role.ci : jsondecode(role.assume_role_policy).Statement[0].Condition.StringEquals["token.actions.githubusercontent.com:aud"] == "sts.amazonaws.com"
      && jsondecode(role.assume_role_policy).Statement[0].Condition.StringEquals["token.actions.githubusercontent.com:repository_id"] == "2002"
      && jsondecode(role.assume_role_policy).Statement[0].Condition.StringEquals["token.actions.githubusercontent.com:ref"] == "refs/heads/main"
    ])
    error_message = "Audience, repository id and branch must be bound exactly."
  }

  assert {
    condition     = alltrue([for role in aws_iam_role.ci : !strcontains(role.assume_role_policy, "*") && !strcontains(role.assume_role_policy, "StringLike") && !strcontains(role.assume_role_policy, "pull_request")])
    error_message = "No pattern and no pull request may be admitted."
  }

  assert {
    condition     = alltrue([for role in aws_iam_role.ci : role.permissions_boundary == var.permissions_boundary_arn])
    error_message = "Both roles must carry the boundary."
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
    condition     = output.subjects.apply == ["repo:acme@1001/payments@2002:environment:production", "repo:acme/payments:environment:production"]
    error_message = "A migration admits the two exact forms, and nothing else."
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

run "admits_gitlab_by_id_branch_and_environment" {
  command = plan

  variables {
    github            = null
    oidc_provider_arn = null
    gitlab            = { project_id = "42" }
  }

  assert {
    condition     = output.subjects.apply == ["project_id:42:ref_type:branch:ref:main:environment_protected:true:deployment_tier:production"]
    error_message = "The subject must name id, branch, and a protected environment of the tier."
  }

  assert {
    condition     = output.subjects.plan == ["project_id:42:ref_type:branch:ref:main:environment_protected:false:deployment_tier:other"]
    error_message = "Who plans must not be who applies."
  }

  assert {
    condition     = aws_iam_openid_connect_provider.forge[0].url == "https://gitlab.com" && output.audience == "https://gitlab.com/aws/payments-api"
    error_message = "The account must get a provider for the forge, with this service's audience."
  }
}

run "reads_to_plan_and_writes_to_apply" {
  command = plan

  assert {
    condition     = alltrue([for s in local.permissions.plan.Statement : alltrue([for action in s.Action : can(regex("^[a-z0-9]+:(Get|List|Describe|Decrypt)", action))])])
    error_message = "The plan role must not write."
  }

  assert {
    condition = alltrue([
      for s in local.permissions.apply.Statement : alltrue([for action in s.Action : !strcontains(action, "*")]) && (!contains(s.Resource, "*") || join(",", s.Action) == "kms:ListAliases")
    ])
    error_message = "No action may be a wildcard, nor a resource, but for the names of keys, which know none."
  }

  assert {
    condition     = alltrue([for s in local.permissions.apply.Statement : try(s.Condition.StringEquals["iam:PermissionsBoundary"], "") == var.permissions_boundary_arn if contains(s.Action, "iam:CreateRole")])
    error_message = "Only roles within the boundary may be created."
  }

  assert {
    condition     = alltrue([for s in local.permissions.apply.Statement : join(",", s.Condition["ForAllValues:StringEquals"]["aws:TagKeys"]) == "owner,service" if contains(s.Action, "iam:TagRole")])
    error_message = "Only named tags may be set on roles."
  }

  assert {
    condition     = alltrue([for s in local.permissions.apply.Statement : endswith(s.Condition.ArnEquals["iam:PolicyARN"], "/AmazonECSTaskExecutionRolePolicy") if contains(s.Action, "iam:AttachRolePolicy") && s.Effect == "Allow"])
    error_message = "Only the policy that lets ECS start tasks may be attached."
  }
}

run "refuses_a_wildcard_for_an_environment" {
  command = plan

  variables {
    apply_environment = "*"
  }

  expect_failures = [var.apply_environment]
}

run "refuses_one_environment_for_both_roles" {
  command = plan

  variables {
    apply_environment = "production-plan"
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

run "refuses_a_branch_pattern" {
  command = plan

  variables {
    branch = "release/*"
  }

  expect_failures = [var.branch]
}

run "refuses_a_policy_that_writes_among_those_that_describe" {
  command = plan

  variables {
    describe_policy_arns = ["arn:aws:iam::aws:policy/AdministratorAccess"]
  }

  expect_failures = [var.describe_policy_arns]
}
