# One environment's service. What the platform team runs comes in as variables. Copy it to
# infra/live/staging and infra/live/production, and say there: source = "../../service".
terraform {
  required_version = ">= 1.11.0, < 2.0.0"

  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = "6.25.0"
    }
  }

  # `terraform init -backend-config=FILE`: bucket, kms_key_id and region of the module `state`.
  backend "s3" {
    key          = "payments-api/terraform.tfstate"
    encrypt      = true
    use_lockfile = true
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

variable "image" {
  description = "The image by digest, which the pipeline hands over."
  type        = string
}

variable "platform" {
  description = "What the platform team runs in this environment."
  type = object({
    cluster_arn                     = string
    vpc_id                          = string
    subnet_ids                      = set(string)
    load_balancer_security_group_id = string
    target_group_arn                = string
    permissions_boundary_arn        = string
    key_administrator_arns          = set(string)
    endpoint_cidrs                  = map(string)
  })
}

variable "token_keys_secret_arn" {
  description = "The secret with the token keys."
  type        = string
}

module "service" {
  source = "../.."

  name                  = "payments-api"
  image                 = var.image
  token_keys_secret_arn = var.token_keys_secret_arn
  environment           = { LOG_LEVEL = "INFO", DRAIN_SECONDS = "5" }

  cluster_arn                     = var.platform.cluster_arn
  vpc_id                          = var.platform.vpc_id
  subnet_ids                      = var.platform.subnet_ids
  load_balancer_security_group_id = var.platform.load_balancer_security_group_id
  target_group_arn                = var.platform.target_group_arn
  permissions_boundary_arn        = var.platform.permissions_boundary_arn
  key_administrator_arns          = var.platform.key_administrator_arns
  egress_cidrs                    = var.platform.endpoint_cidrs
}

output "task_definition_arn" {
  description = "The revision that runs."
  value       = module.service.task_definition_arn
}

output "image" {
  description = "What runs: `scripts/deploy` puts it back if the next one does not become ready."
  value       = var.image
}
