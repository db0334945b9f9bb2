# One environment's service. What the platform team runs comes in as variables. `scripts/new-environment
# staging` makes infra/live/staging of it.
terraform {
  required_version = ">= 1.11.0, < 2.0.0"

  required_providers {
    google = {
      source  = "hashicorp/google"
      version = "6.50.0"
    }
  }

  # `terraform init -backend-config=backend.hcl`: the bucket of the module `state`.
  backend "gcs" {
    prefix = "ledger"
  }
}

provider "google" {
  project = "my-project"
  region  = "europe-west1"
}

variable "image" {
  description = "The image by digest, which the pipeline hands over."
  type        = string
}

variable "network" {
  description = "What the platform team runs in this environment."
  type = object({
    network    = string
    subnetwork = string
    tags       = optional(list(string), [])
  })
}

variable "token_keys_name" {
  description = "The name of the secret with the token keys."
  type        = string
}

variable "token_keys_version" {
  description = "The version of the secret with the token keys."
  type        = string
}

variable "invokers" {
  description = "Who may call the service. Behind a load balancer with IAP: its service agent."
  type        = set(string)
  default     = []
}

module "service" {
  source = "../.."

  name               = "ledger"
  project            = "my-project"
  region             = "europe-west1"
  image              = var.image
  network            = var.network
  token_keys_name    = var.token_keys_name
  token_keys_version = var.token_keys_version
  invokers           = var.invokers
  environment        = { LOG_LEVEL = "INFO" }
  labels             = { service = "ledger" }
}

output "revision" {
  description = "The revision that runs."
  value       = module.service.revision
}

output "account_id" {
  description = "For `workload_account_id` of the module `ci-identity`."
  value       = module.service.account_id
}

output "image" {
  description = "What runs: `scripts/deploy` puts it back if the next one does not become ready."
  value       = var.image
  depends_on  = [module.service] # else it would name what could not be rolled out
}
