# The roles of one environment. Copy it for each: staging and production are accounts of their own.
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

  default_tags {
    tags = {
      service = "payments-api"
      owner   = "@globex/payments"
    }
  }
}

variable "permissions_boundary_arn" {
  description = "The organisation's permission boundary in this account."
  type        = string
}
variable "github_owner_id" {
  description = "Numeric id of the organisation: `gh api orgs/globex --jq .id`."
  type        = string
}

variable "github_repository_id" {
  description = "Numeric id of the repository: `gh api repos/globex/payments --jq .id`."
  type        = string
}

variable "state_bucket_arn" {
  description = "Output `bucket_arn` of the module `state`."
  type        = string
}

variable "state_key_arn" {
  description = "Output `key_arn` of the module `state`."
  type        = string
}

variable "oidc_provider_arn" {
  description = "The account's identity provider for GitHub, if it has one. Null creates it."
  type        = string
  default     = null
}

variable "service_key_arns" {
  description = "Output `key_arn` of infra/service, after its first apply."
  type        = set(string)
  default     = []
}

module "ci_identity" {
  source = "../.."

  name              = "payments-api"
  plan_environment  = "production-plan"
  apply_environment = "production"
  branch            = "release/next"

  github = {
    owner         = "globex"
    owner_id      = var.github_owner_id
    repository    = "payments"
    repository_id = var.github_repository_id
  }

  oidc_provider_arn        = var.oidc_provider_arn
  cluster_name             = "none" # the service runs on Kubernetes, and not on ECS
  permissions_boundary_arn = var.permissions_boundary_arn
  state_bucket_arn         = var.state_bucket_arn
  state_key_arn            = var.state_key_arn
  service_key_arns         = var.service_key_arns
}

output "plan_role_arn" {
  description = "For the pipeline's variable of the plan environment."
  value       = module.ci_identity.plan_role_arn
}

output "apply_role_arn" {
  description = "For the pipeline's variable of the apply environment."
  value       = module.ci_identity.apply_role_arn
}
