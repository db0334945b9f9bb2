# One key for the service's image at rest and its logs. Only Google's own agents use it.
resource "google_kms_key_ring" "service" {
  project  = var.project
  name     = var.name
  location = var.region
}

resource "google_kms_crypto_key" "service" {
  name                       = "service"
  key_ring                   = google_kms_key_ring.service.id
  purpose                    = "ENCRYPT_DECRYPT"
  rotation_period            = "7776000s" # ninety days
  destroy_scheduled_duration = "${30 * 24 * 60 * 60}s"
  labels                     = var.labels

  version_template {
    algorithm        = "GOOGLE_SYMMETRIC_ENCRYPTION"
    protection_level = "HSM"
  }

  lifecycle {
    prevent_destroy = true
  }
}

data "google_project" "current" {
  project_id = var.project
}

data "google_logging_project_cmek_settings" "current" {
  project = var.project
}

locals {
  key_users = {
    run  = "serviceAccount:service-${data.google_project.current.number}@serverless-robot-prod.iam.gserviceaccount.com"
    logs = "serviceAccount:${data.google_logging_project_cmek_settings.current.service_account_id}"
  }
}

resource "google_kms_crypto_key_iam_member" "agents" {
  for_each = local.key_users

  crypto_key_id = google_kms_crypto_key.service.id
  role          = "roles/cloudkms.cryptoKeyEncrypterDecrypter"
  member        = each.value
}
