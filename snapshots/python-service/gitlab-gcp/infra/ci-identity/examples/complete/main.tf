# The accounts of one environment. Copy it for each: staging and production are projects of their own.
terraform {
  required_version = ">= 1.11.0, < 2.0.0"

  required_providers {
    google = {
      source  = "hashicorp/google"
      version = "6.50.0"
    }
  }
}

provider "google" {
  project = "my-project"
  region  = "europe-west1"
}

variable "gitlab_project_id" {
  description = "Numeric id of the project."
  type        = string
  default     = "4711"
}

variable "gitlab_namespace_id" {
  description = "Numeric id of the group that holds the project."
  type        = string
}

variable "state_bucket" {
  description = "Output `bucket` of the module `state`."
  type        = string
}

variable "workload_account_id" {
  description = "Output `account_id` of infra/service, after its first apply."
  type        = string
  default     = null
}

module "ci_identity" {
  source = "../.."

  name                = "ledger"
  project             = "my-project"
  plan_environment    = "production-plan"
  apply_environment   = "production"
  branch              = "trunk"
  state_bucket        = var.state_bucket
  workload_account_id = var.workload_account_id

  gitlab = {
    project_path = "globex/ledger"
    project_id   = var.gitlab_project_id
    namespace_id = var.gitlab_namespace_id
  }
}

output "provider" {
  description = "For the pipeline's variables."
  value       = module.ci_identity.provider
}

output "plan_account" {
  description = "For the pipeline's variable of the plan environment."
  value       = module.ci_identity.plan_account
}

output "apply_account" {
  description = "For the pipeline's variable of the apply environment."
  value       = module.ci_identity.apply_account
}
