# Two accounts and no key: one reads, to plan; one writes, to apply.
resource "google_service_account" "ci" {
  for_each = local.environments

  project      = var.project
  account_id   = "${var.name}-${each.key}"
  display_name = "CI of ${var.name}: ${each.key}"
  description  = "Jobs in the environment ${each.value}"
}

resource "google_service_account_iam_member" "ci" {
  for_each = local.subjects

  service_account_id = google_service_account.ci[each.key].name
  role               = "roles/iam.workloadIdentityUser"
  member             = "principal://iam.googleapis.com/${google_iam_workload_identity_pool.ci.name}/subject/${each.value}"
}
