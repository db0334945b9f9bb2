# Logs of this service alone, encrypted and kept for a year.
resource "google_logging_project_bucket_config" "service" {
  project        = var.project
  location       = var.region
  bucket_id      = var.name
  description    = "Logs of ${var.name}"
  retention_days = var.log_retention_days

  cmek_settings {
    kms_key_name = google_kms_crypto_key.service.id
  }

  depends_on = [google_kms_crypto_key_iam_member.agents]
}

resource "google_logging_project_sink" "service" {
  project                = var.project
  name                   = var.name
  description            = "Logs of ${var.name}"
  destination            = "logging.googleapis.com/${google_logging_project_bucket_config.service.id}"
  filter                 = "resource.type=\"cloud_run_revision\" AND resource.labels.service_name=\"${var.name}\""
  unique_writer_identity = true
}
