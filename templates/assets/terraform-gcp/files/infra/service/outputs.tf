output "service_id" {
  description = "The Cloud Run service, for the load balancer's backend."
  value       = google_cloud_run_v2_service.service.id
}

output "revision" {
  description = "The newest revision that is ready, to roll back to."
  value       = google_cloud_run_v2_service.service.latest_ready_revision
}

output "account_email" {
  description = "The service's own identity, for members of your own."
  value       = google_service_account.service.email
}

output "account_id" {
  description = "The same by its full name, for who may deploy with it."
  value       = google_service_account.service.name
}

output "key_id" {
  description = "The key, for other things of this service."
  value       = google_kms_crypto_key.service.id
}
