# What the accounts may do: the calls that Terraform makes for `infra/service`. Keys, networks, log
# buckets and accounts are made by people: plan looks at them, apply does not change them.
locals {
  read = [
    "cloudkms.cryptoKeys.get",
    "cloudkms.cryptoKeys.getIamPolicy",
    "cloudkms.keyRings.get",
    "iam.serviceAccounts.get",
    "iam.serviceAccounts.getIamPolicy",
    "logging.buckets.get",
    "logging.cmekSettings.get",
    "logging.sinks.get",
    "resourcemanager.projects.get",
    "run.operations.get",
    "run.revisions.get",
    "run.revisions.list",
    "run.services.get",
    "run.services.getIamPolicy",
    "secretmanager.secrets.get",
    "secretmanager.secrets.getIamPolicy",
  ]

  write = [
    "run.services.create",
    "run.services.update",
  ]

  permissions = {
    plan  = local.read
    apply = concat(local.read, local.write)
  }

  state_roles = {
    plan  = "roles/storage.objectViewer"
    apply = "roles/storage.objectUser"
  }
}

resource "google_project_iam_custom_role" "ci" {
  for_each = local.permissions

  project     = var.project
  role_id     = "${replace(var.name, "-", "_")}_ci_${each.key}"
  title       = "CI of ${var.name}: ${each.key}"
  description = "What Terraform calls for ${var.name} to ${each.key}"
  permissions = each.value
}

resource "google_project_iam_member" "ci" {
  for_each = local.permissions

  project = var.project
  role    = google_project_iam_custom_role.ci[each.key].name
  member  = google_service_account.ci[each.key].member
}

resource "google_storage_bucket_iam_member" "state" {
  for_each = local.state_roles

  bucket = var.state_bucket
  role   = each.value
  member = google_service_account.ci[each.key].member
}

# Deploying a service that acts as an account needs a say over that account, and no other.
resource "google_service_account_iam_member" "deploy_as" {
  count = var.workload_account_id == null ? 0 : 1

  service_account_id = var.workload_account_id
  role               = "roles/iam.serviceAccountUser"
  member             = google_service_account.ci["apply"].member
}
