# The state of one account.
terraform {
  required_version = ">= 1.11.0, < 2.0.0"

  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = "6.25.0"
    }
  }
}

provider "aws" {
  region = "eu-west-1"
}

variable "account_id" {
  description = "The account, as twelve digits."
  type        = string
}

variable "key_administrator_arns" {
  description = "Roles of people who administer keys."
  type        = set(string)
}

variable "reader_role_arns" {
  description = "Roles that read the state. KMS refuses one that does not exist: add CI's plan role once it does."
  type        = set(string)
  default     = []
}

variable "writer_role_arns" {
  description = "Roles that write the state: your own, to bring the first one in; later CI's apply role, too."
  type        = set(string)
}

module "state" {
  source = "../.."

  bucket                 = "globex-payments-api-state-${var.account_id}"
  key_administrator_arns = var.key_administrator_arns
  reader_role_arns       = var.reader_role_arns
  writer_role_arns       = var.writer_role_arns

  tags = {
    service = "payments-api"
    owner   = "@globex/payments"
  }
}

output "bucket" {
  description = "The bucket's name."
  value       = module.state.bucket
}

output "bucket_arn" {
  description = "For the roles of the pipeline."
  value       = module.state.bucket_arn
}

output "key_arn" {
  description = "For `kms_key_id` of the backend, and for the roles of the pipeline."
  value       = module.state.key_arn
}
