output "provider" {
  description = "The provider's full name, which the pipeline signs in with."
  value       = google_iam_workload_identity_pool_provider.forge.name
}

output "plan_account" {
  description = "What jobs in the plan environment act as."
  value       = google_service_account.ci["plan"].email
}

output "apply_account" {
  description = "What jobs in the apply environment act as."
  value       = google_service_account.ci["apply"].email
}

output "condition" {
  description = "What a token must say, to compare with one that is refused."
  value       = local.condition
}
