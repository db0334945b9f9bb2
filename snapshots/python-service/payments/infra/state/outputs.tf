output "bucket" {
  description = "The bucket's name, for `backend \"s3\"`."
  value       = aws_s3_bucket.state.id
}

output "bucket_arn" {
  description = "The bucket's ARN, for the module `ci-identity`."
  value       = aws_s3_bucket.state.arn
}

output "key_arn" {
  description = "The key's ARN, for `backend \"s3\"` and the module `ci-identity`."
  value       = aws_kms_key.state.arn
}
