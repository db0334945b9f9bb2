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

module "state" {
  source = "../.."

  bucket                 = "globex-payments-api-state-${var.account_id}"
  key_administrator_arns = var.key_administrator_arns
  reader_role_arns       = ["arn:aws:iam::${var.account_id}:role/payments-api-ci-plan"]
  writer_role_arns       = ["arn:aws:iam::${var.account_id}:role/payments-api-ci-apply"]

  tags = {
    service = "payments-api"
    owner   = "@globex/payments"
  }
}

output "bucket" {
  description = "The bucket's name."
  value       = module.state.bucket
}
