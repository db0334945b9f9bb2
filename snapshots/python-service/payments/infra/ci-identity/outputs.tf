output "plan_role_arn" {
  description = "What jobs in the plan environment assume."
  value       = aws_iam_role.ci["plan"].arn
}

output "apply_role_arn" {
  description = "What jobs in the apply environment assume."
  value       = aws_iam_role.ci["apply"].arn
}

output "role_names" {
  description = "For policies of your own: what pipelines need for resources beside the golden path's."
  value       = { for key, role in aws_iam_role.ci : key => role.name }
}

output "audience" {
  description = "The audience that the forge's token must be minted for."
  value       = local.audience
}

output "subjects" {
  description = "The exact subjects that each role admits, to compare with a token that is refused."
  value       = local.subjects
}
