mock_provider "google" {
  # Known while planning: a bucket that may not be destroyed cannot be applied in a test.
  override_during = plan

  mock_resource "google_kms_crypto_key" {
    defaults = { id = "projects/acme-payments/locations/europe-west1/keyRings/payments/cryptoKeys/payments" }
  }
}

variables {
  project  = "acme-payments"
  bucket   = "acme-payments-state"
  location = "europe-west1"
}

run "is_private_versioned_and_encrypted" {
  command = plan

  assert {
    condition     = google_storage_bucket.state.public_access_prevention == "enforced" && google_storage_bucket.state.uniform_bucket_level_access
    error_message = "No public access of any kind."
  }

  assert {
    condition     = google_storage_bucket.state.versioning[0].enabled && !google_storage_bucket.state.force_destroy
    error_message = "Every version must be kept, and a full bucket must not be destroyed."
  }

  assert {
    condition     = google_storage_bucket.state.encryption[0].default_kms_key_name == google_kms_crypto_key.state.id
    error_message = "The state must be encrypted with our key."
  }

  assert {
    condition     = google_kms_crypto_key.state.rotation_period == "7776000s"
    error_message = "The key must rotate every ninety days."
  }
}

run "lets_storage_alone_use_the_key" {
  command = plan

  assert {
    condition     = google_kms_crypto_key_iam_member.storage.member == data.google_storage_project_service_account.storage.member
    error_message = "Only storage may use the key."
  }
}

run "refuses_several_regions" {
  command = plan

  variables {
    location = "EU"
  }

  expect_failures = [var.location]
}

run "refuses_to_forget_soon" {
  command = plan

  variables {
    keep_days = 7
  }

  expect_failures = [var.keep_days]
}
