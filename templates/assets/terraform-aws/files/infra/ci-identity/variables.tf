variable "name" {
  description = "The service. Roles, state and workload resources carry this name."
  type        = string

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{1,38}$", var.name))
    error_message = "The name must have 2 to 39 lower-case letters, digits and hyphens, and start with a letter."
  }
}

variable "plan_environment" {
  description = "The forge's environment whose jobs may read, to plan. Let it admit the default branch only."
  type        = string

  validation {
    condition     = can(regex("^[a-zA-Z0-9][a-zA-Z0-9_-]{0,62}$", var.plan_environment))
    error_message = "The environment must be one exact name of letters, digits, hyphens and underscores."
  }
}

variable "apply_environment" {
  description = "The forge's environment whose jobs may write, to apply. Protect it with reviewers."
  type        = string

  validation {
    condition     = can(regex("^[a-zA-Z0-9][a-zA-Z0-9_-]{0,62}$", var.apply_environment))
    error_message = "The environment must be one exact name of letters, digits, hyphens and underscores."
  }

  validation {
    condition     = var.apply_environment != var.plan_environment
    error_message = "Plan and apply must have environments of their own: else whoever may plan may apply."
  }
}

variable "branch" {
  description = "The only branch whose jobs are admitted."
  type        = string
  default     = "main"

  validation {
    condition     = can(regex("^[a-zA-Z0-9][a-zA-Z0-9._/-]{0,199}$", var.branch))
    error_message = "The branch must be one exact name, without a wildcard and without refs/heads/."
  }
}

variable "github" {
  description = "The repository on GitHub. The ids are numbers that GitHub never gives out again: `gh api repos/OWNER/REPO --jq '.owner.id, .id'`. Set mutable_subject only while the repository still gets tokens that name no ids."
  type = object({
    owner           = string
    owner_id        = string
    repository      = string
    repository_id   = string
    mutable_subject = optional(bool, false)
  })
  default = null

  validation {
    condition     = var.github == null || can(regex("^[A-Za-z0-9][A-Za-z0-9-]{0,38}$", var.github.owner))
    error_message = "The owner must be one exact account name."
  }

  validation {
    condition     = var.github == null || can(regex("^[A-Za-z0-9._-]{1,100}$", var.github.repository))
    error_message = "The repository must be one exact name, without its owner."
  }

  validation {
    condition     = var.github == null || can(regex("^[1-9][0-9]*:[1-9][0-9]*$", "${var.github.owner_id}:${var.github.repository_id}"))
    error_message = "The ids must be numbers, as the forge's API prints them."
  }
}

variable "gitlab" {
  description = "The project on GitLab, and the tier of the apply environment. Set protected to false only where the edition cannot protect environments: then whoever may push to the branch may apply. Its tokens must say all of it: see README.md."
  type = object({
    host       = optional(string, "gitlab.com")
    project_id = string
    tier       = optional(string, "production")
    protected  = optional(bool, true)
  })
  default = null

  validation {
    condition     = (var.gitlab == null) != (var.github == null)
    error_message = "Exactly one of github and gitlab must be set."
  }

  validation {
    condition     = var.gitlab == null || can(regex("^[a-z0-9.-]+$", var.gitlab.host))
    error_message = "The host must be a host name, without https:// and without a path."
  }

  validation {
    condition     = var.gitlab == null || can(regex("^[1-9][0-9]*$", var.gitlab.project_id))
    error_message = "The project id must be a number."
  }

  validation {
    condition     = var.gitlab == null ? true : contains(["production", "staging", "testing", "development"], var.gitlab.tier)
    error_message = "The tier must be production, staging, testing or development: jobs that plan say other."
  }
}

variable "oidc_provider_arn" {
  description = "The account's identity provider for this forge, if it has one. An account can have one only; null creates it."
  type        = string
  default     = null

  validation {
    condition     = var.oidc_provider_arn == null || can(regex("^arn:aws[a-z-]*:iam::[0-9]{12}:oidc-provider/[a-z0-9./-]+$", var.oidc_provider_arn))
    error_message = "It must be the ARN of an OpenID Connect provider."
  }
}

variable "cluster_name" {
  description = "The ECS cluster that the service runs on."
  type        = string

  validation {
    condition     = can(regex("^[A-Za-z0-9_-]{1,255}$", var.cluster_name))
    error_message = "It must be the name of a cluster."
  }
}

variable "permissions_boundary_arn" {
  description = "The organisation's permission boundary. Both CI roles carry it, and so must every role that they create."
  type        = string

  validation {
    condition     = can(regex("^arn:aws[a-z-]*:iam::[0-9]{12}:policy/[A-Za-z0-9+=,.@_/-]+$", var.permissions_boundary_arn))
    error_message = "It must be the ARN of a policy in this account."
  }
}

variable "describe_policy_arns" {
  description = "Policies with the describe-only calls that AWS cannot narrow to a resource. The default shows names and settings, never contents."
  type        = set(string)
  default     = ["arn:aws:iam::aws:policy/job-function/ViewOnlyAccess"]

  validation {
    condition     = alltrue([for arn in var.describe_policy_arns : !can(regex("(Administrator|PowerUser|Full)Access$", arn))])
    error_message = "Policies that write have no place here."
  }
}

variable "state_bucket_arn" {
  description = "The bucket of the module `state`."
  type        = string

  validation {
    condition     = can(regex("^arn:aws[a-z-]*:s3:::[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$", var.state_bucket_arn))
    error_message = "It must be the ARN of a bucket."
  }
}

variable "state_key_arn" {
  description = "The key that encrypts the state."
  type        = string

  validation {
    condition     = can(regex("^arn:aws[a-z-]*:kms:[a-z0-9-]+:[0-9]{12}:key/[a-f0-9-]{36}$", var.state_key_arn))
    error_message = "It must be the ARN of a key, not of an alias."
  }
}

variable "role_tag_keys" {
  description = "The keys of tags that apply may set on the service's roles: those that every resource carries. Name none that decides who may what."
  type        = set(string)
  default     = ["owner", "service"]

  validation {
    condition     = alltrue([for key in var.role_tag_keys : can(regex("^[A-Za-z0-9_.:/=+@ -]{1,128}$", key))])
    error_message = "Each must be one exact key of a tag."
  }
}

variable "service_key_arns" {
  description = "Keys that the service's resources use, and that CI may look at: output `key_arn` of `infra/service`, without which no roll-out can refresh. A person creates keys: see README.md."
  type        = set(string)
  default     = []

  validation {
    condition     = alltrue([for arn in var.service_key_arns : can(regex("^arn:aws[a-z-]*:kms:[a-z0-9-]+:[0-9]{12}:key/[a-f0-9-]{36}$", arn))])
    error_message = "Each must be the ARN of a key, not of an alias."
  }
}

variable "tags" {
  description = "Tags of everything that this module creates."
  type        = map(string)
  default     = {}
}
