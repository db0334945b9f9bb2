mock_provider "google" {
  override_during = plan

  mock_resource "google_kms_crypto_key" {
    defaults = { id = "projects/acme-payments/locations/europe-west1/keyRings/payments/cryptoKeys/payments" }
  }

  mock_resource "google_service_account" {
    defaults = {
      name   = "projects/acme-payments/serviceAccounts/x@acme-payments.iam.gserviceaccount.com"
      email  = "x@acme-payments.iam.gserviceaccount.com"
      member = "serviceAccount:x@acme-payments.iam.gserviceaccount.com"
    }
  }
}

variables {
  name               = "payments-api"
  project            = "acme-payments"
  region             = "europe-west1"
  image              = "registry.example/payments@sha256:0000000000000000000000000000000000000000000000000000000000000000"
  network            = { network = "main", subnetwork = "run" }
  token_keys_name    = "signing"
  token_keys_version = "3"
}

run "is_reached_through_the_load_balancer_alone" {
  command = plan

  assert {
    condition     = google_cloud_run_v2_service.service.ingress == "INGRESS_TRAFFIC_INTERNAL_LOAD_BALANCER" && length(google_cloud_run_v2_service_iam_member.invoker) == 0
    error_message = "Nobody may call it past the load balancer."
  }

  assert {
    condition     = google_cloud_run_v2_service.service.template[0].vpc_access[0].egress == "ALL_TRAFFIC"
    error_message = "All traffic must leave through our network."
  }
}

run "acts_as_its_own_account_with_its_own_key" {
  command = plan

  assert {
    condition     = google_cloud_run_v2_service.service.template[0].service_account == google_service_account.service.email
    error_message = "It must not act as the project's default account."
  }

  assert {
    condition     = google_cloud_run_v2_service.service.template[0].encryption_key == google_kms_crypto_key.service.id && google_logging_project_bucket_config.service.cmek_settings[0].kms_key_name == google_kms_crypto_key.service.id
    error_message = "Image and logs must be encrypted with our key."
  }

  assert {
    condition     = google_logging_project_bucket_config.service.retention_days >= 365
    error_message = "Logs must be kept for a year."
  }
}

run "ends_before_it_is_killed" {
  command = plan

  assert {
    condition     = one([for env in google_cloud_run_v2_service.service.template[0].containers[0].env : tonumber(env.value) if env.name == "GRACE_SECONDS"]) < 10
    error_message = "What is in flight must be finished before Cloud Run kills it."
  }
}

run "gets_its_secret_as_a_file" {
  command = plan

  assert {
    condition     = google_cloud_run_v2_service.service.template[0].volumes[0].secret[0].items[0].version == "3"
    error_message = "The secret must be mounted, with a numbered version."
  }
}

run "refuses_an_image_without_a_digest" {
  command = plan

  variables {
    image = "registry.example/payments:1.0"
  }

  expect_failures = [var.image]
}

run "refuses_everybody_as_a_caller" {
  command = plan

  variables {
    invokers = ["allUsers"]
  }

  expect_failures = [var.invokers]
}

run "refuses_a_secret_that_moves" {
  command = plan

  variables {
    token_keys_version = "latest"
  }

  expect_failures = [var.token_keys_version]
}

run "refuses_a_secret_among_the_settings" {
  command = plan

  variables {
    environment = { DATABASE_PASSWORD = "x" }
  }

  expect_failures = [var.environment]
}

run "refuses_a_name_too_long_for_its_account" {
  command = plan

  variables {
    name = "payments-api-for-partners-1"
  }

  expect_failures = [var.name]
}
