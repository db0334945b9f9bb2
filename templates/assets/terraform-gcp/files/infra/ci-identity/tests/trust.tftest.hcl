mock_provider "google" {
  override_during = plan

  mock_resource "google_iam_workload_identity_pool" {
    defaults = { name = "projects/1/locations/global/workloadIdentityPools/payments-api-ci" }
  }
  mock_resource "google_service_account" {
    defaults = {
      name   = "projects/acme-payments/serviceAccounts/x@acme-payments.iam.gserviceaccount.com"
      member = "serviceAccount:x@acme-payments.iam.gserviceaccount.com"
    }
  }
}

variables {
  name              = "payments-api"
  project           = "acme-payments"
  plan_environment  = "production-plan"
  apply_environment = "production"
  state_bucket      = "acme-state"
  github = {
    owner         = "acme"
    owner_id      = "1001"
    repository    = "payments"
    repository_id = "2002"
  }
}

run "asks_for_ids_branch_and_exact_subjects" {
  command = plan

  assert {
    condition     = google_iam_workload_identity_pool_provider.forge.attribute_condition == "assertion.repository_owner_id == '1001' && assertion.repository_id == '2002' && assertion.ref == 'refs/heads/main' && assertion.sub in ['repo:acme@1001/payments@2002:environment:production', 'repo:acme@1001/payments@2002:environment:production-plan']"
    error_message = "The condition must bind ids, branch and both exact subjects."
  }

  assert {
    condition     = google_service_account_iam_member.ci["apply"].member == "principal://iam.googleapis.com/projects/1/locations/global/workloadIdentityPools/payments-api-ci/subject/2002:production"
    error_message = "The apply account must admit one subject: the id and the environment."
  }

  assert {
    condition     = google_service_account_iam_member.ci["plan"].member != google_service_account_iam_member.ci["apply"].member
    error_message = "Who plans must not be who applies."
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
    condition     = length(local.github_subjects) == 4 && !strcontains(output.condition, "*") && !strcontains(output.condition, "startsWith")
    error_message = "A migration admits the exact older forms beside the new ones, and no pattern."
  }
}

run "admits_gitlab_by_ids_protected_branch_and_environment" {
  command = plan

  variables {
    github = null
    gitlab = { project_path = "acme/payments", project_id = "42", namespace_id = "7" }
  }

  assert {
    condition     = output.condition == "assertion.namespace_id == '7' && assertion.project_id == '42' && assertion.ref_type == 'branch' && assertion.ref == 'main' && assertion.ref_protected == 'true' && assertion.environment in ['production', 'production-plan']"
    error_message = "The condition must bind ids, the protected branch and the environments."
  }
}

run "reads_to_plan_and_writes_to_apply" {
  command = plan

  assert {
    condition     = alltrue([for p in google_project_iam_custom_role.ci["plan"].permissions : can(regex("\\.(get|getIamPolicy|list)$", p))])
    error_message = "The plan role must not write."
  }

  assert {
    condition     = google_storage_bucket_iam_member.state["plan"].role == "roles/storage.objectViewer"
    error_message = "Planning must not write the state."
  }

  assert {
    condition     = !anytrue([for p in local.permissions.apply : strcontains(p, "setIamPolicy") || strcontains(p, "actAs") || strcontains(p, "*")])
    error_message = "Applying must not give itself more."
  }
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

run "refuses_two_forges" {
  command = plan

  variables {
    gitlab = { project_path = "acme/payments", project_id = "42", namespace_id = "7" }
  }

  expect_failures = [var.gitlab]
}
