output "bucket" {
  description = "The bucket's name, for `backend \"gcs\"` and the roles of the pipeline."
  value       = google_storage_bucket.state.name
}

output "key_id" {
  description = "The key that encrypts the state."
  value       = google_kms_crypto_key.state.id
}
