# How others call it. From a registry or from git they pin a version; in here it is the code beside.
terraform {
  required_version = ">= 1.11.0, < 2.0.0"
}

module "labels" {
  source = "../.."

  service     = "payments-api"
  environment = "production"
  owner       = "@acme/my-module"
}

output "name" {
  description = "The name."
  value       = module.labels.name
}
