output "bucket" {
  description = "The bucket's name, for `backend \"s3\"`."
  value       = aws_s3_bucket.state.id
}

output "bucket_arn" {
  description = "The bucket's ARN, for the roles of the pipeline."
  value       = aws_s3_bucket.state.arn
}

output "key_arn" {
  description = "The key's ARN, for `backend \"s3\"` and the roles of the pipeline."
  value       = aws_kms_key.state.arn
}
