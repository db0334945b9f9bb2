# The state of one project.
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

module "state" {
  source = "../.."

  project  = "my-project"
  bucket   = "my-project-ledger-state"
  location = "europe-west1"
  labels   = { service = "ledger" }
}

output "bucket" {
  description = "The bucket's name."
  value       = module.state.bucket
}
