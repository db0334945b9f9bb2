# The service's own account. It may read its secret and nothing else: give it exactly what the code
# calls, in members of your own.
resource "google_service_account" "service" {
  project      = var.project
  account_id   = "${var.name}-run"
  display_name = var.name
  description  = "What ${var.name} itself acts as"
}

resource "google_secret_manager_secret_iam_member" "token_keys" {
  project   = var.project
  secret_id = var.token_keys_name
  role      = "roles/secretmanager.secretAccessor"
  member    = google_service_account.service.member
}

resource "google_cloud_run_v2_service_iam_member" "invoker" {
  for_each = var.invokers

  project  = var.project
  location = var.region
  name     = google_cloud_run_v2_service.service.name
  role     = "roles/run.invoker"
  member   = each.value
}
