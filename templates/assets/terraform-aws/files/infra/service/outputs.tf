output "service_arn" {
  description = "The ECS service."
  value       = aws_ecs_service.service.id
}

output "task_definition_arn" {
  description = "The revision that runs, to roll back to."
  value       = aws_ecs_task_definition.service.arn
}

output "task_role_name" {
  description = "The service's own identity, for policies of your own."
  value       = aws_iam_role.task.name
}

output "key_arn" {
  description = "The key, for the secret and for the roles of the pipeline."
  value       = aws_kms_key.service.arn
}

output "log_group_name" {
  description = "Where the logs are."
  value       = aws_cloudwatch_log_group.service.name
}

output "security_group_id" {
  description = "The tasks' security group, for those who let them in."
  value       = aws_security_group.service.id
}
