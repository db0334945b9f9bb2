variable "name" {
  description = "The service. Identities and roles carry this name."
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
  description = "The only branch whose jobs GitLab admits. On GitHub the environments say it: see README.md."
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

variable "resource_group_name" {
  description = "The resource group of the service: the roles reach no further."
  type        = string
}

variable "resource_group_id" {
  description = "The same group's full id."
  type        = string

  validation {
    condition     = can(regex("^/subscriptions/[0-9a-f-]{36}/resourceGroups/[A-Za-z0-9._()-]{1,90}$", var.resource_group_id))
    error_message = "It must be the full id of a resource group, not of a subscription."
  }
}

variable "location" {
  description = "The region."
  type        = string
}

variable "state_container_id" {
  description = "Output `container_id` of the module `state`."
  type        = string

  validation {
    condition     = can(regex("^/subscriptions/.+/blobServices/default/containers/[a-z0-9-]+$", var.state_container_id))
    error_message = "It must be the full id of one container, not of its account."
  }
}

variable "workload_identity_id" {
  description = "The service's own identity: the only one that apply may deploy with. Null until the service exists."
  type        = string
  default     = null

  validation {
    condition     = var.workload_identity_id == null || can(regex("/userAssignedIdentities/[A-Za-z0-9_-]+$", var.workload_identity_id))
    error_message = "It must be the full id of a user-assigned identity."
  }
}

variable "container_app_environment_id" {
  description = "Where the service runs: apply may join it. Null until it exists."
  type        = string
  default     = null
}

variable "platform_ids" {
  description = "What the service hangs on outside of its resource group: the subnet of its apps and its registry, by their full ids. CI may look at them."
  type        = set(string)
  default     = []

  validation {
    condition     = alltrue([for id in var.platform_ids : can(regex("^/subscriptions/[0-9a-f-]{36}/resourceGroups/[^/]+/providers/[^/]+/[^/]+/[^/]+(/[^/]+/[^/]+)*$", id))])
    error_message = "Each must be the full id of one resource, not of its group."
  }
}

variable "tags" {
  description = "Tags of everything that this module creates."
  type        = map(string)
  default     = {}
}
