variable "name" {
  description = "The service. Accounts and roles carry this name."
  type        = string

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{1,22}$", var.name))
    error_message = "The name must have 2 to 23 lower-case letters, digits and hyphens, and start with a letter: the accounts' have seven more, and may have 30."
  }

  validation {
    condition     = !startswith(var.name, "gcp-")
    error_message = "Google keeps names of pools that start with gcp- for itself."
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
  description = "The repository on GitHub. The ids are numbers that GitHub never gives out again: `gh api repos/OWNER/REPO --jq '.owner.id, .id'`. Set mutable_subject only while the repository still gets tokens whose subject names no ids."
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
  description = "The project on GitLab."
  type = object({
    host         = optional(string, "gitlab.com")
    project_path = string
    project_id   = string
    namespace_id = string
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
    condition     = var.gitlab == null || can(regex("^[A-Za-z0-9._-]+(/[A-Za-z0-9._-]+)+$", var.gitlab.project_path))
    error_message = "The project path must be exact: group/project."
  }

  validation {
    condition     = var.gitlab == null || can(regex("^[1-9][0-9]*:[1-9][0-9]*$", "${var.gitlab.project_id}:${var.gitlab.namespace_id}"))
    error_message = "The ids of project and namespace must be numbers."
  }
}

variable "project" {
  description = "The Google Cloud project."
  type        = string

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{4,28}[a-z0-9]$", var.project))
    error_message = "It must be the id of a project, not its name or number."
  }
}

variable "state_bucket" {
  description = "The bucket of the module `state`."
  type        = string
}

variable "workload_account_id" {
  description = "The service's own account, `projects/P/serviceAccounts/E`: the only one that apply may deploy with. Null until the service exists."
  type        = string
  default     = null

  validation {
    condition     = var.workload_account_id == null || can(regex("^projects/[a-z0-9-]+/serviceAccounts/[a-z0-9-]+@[a-z0-9.-]+$", var.workload_account_id))
    error_message = "It must be the full id of one service account."
  }
}
