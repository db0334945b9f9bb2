output "name" {
  description = "A name for resources, no longer than `max_length`."
  value       = local.name
}

output "labels" {
  description = "Labels, or tags, for resources."
  value       = local.labels
}
