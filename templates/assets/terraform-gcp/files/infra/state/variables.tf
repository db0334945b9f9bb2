variable "project" {
  description = "The Google Cloud project."
  type        = string

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{4,28}[a-z0-9]$", var.project))
    error_message = "It must be the id of a project, not its name or number."
  }
}

variable "bucket" {
  description = "The bucket's name, unique in all of Google Cloud: `PROJECT-SERVICE-state`."
  type        = string

  validation {
    condition     = can(regex("^[a-z0-9][a-z0-9-]{1,61}[a-z0-9]$", var.bucket))
    error_message = "The name must have 3 to 63 lower-case letters, digits and hyphens."
  }
}

variable "location" {
  description = "The region of bucket and key."
  type        = string

  validation {
    condition     = can(regex("^[a-z]+-[a-z]+[0-9]+$", var.location))
    error_message = "It must be one region, such as europe-west1: key and bucket must be in the same place."
  }
}

variable "log_bucket" {
  description = "The bucket for access logs; null where Data Access audit logs record who read the state."
  type        = string
  default     = null
}

variable "keep_versions" {
  description = "How many replaced versions of the state are kept, at least."
  type        = number
  default     = 30

  validation {
    condition     = var.keep_versions >= 10 && floor(var.keep_versions) == var.keep_versions
    error_message = "At least 10: a lost state is often noticed late."
  }
}

variable "keep_days" {
  description = "How long replaced versions of the state are kept, in days, beyond those."
  type        = number
  default     = 365

  validation {
    condition     = var.keep_days >= 30
    error_message = "At least 30 days: a lost state is often noticed late."
  }
}

variable "labels" {
  description = "Labels of everything that this module creates."
  type        = map(string)
  default     = {}
}
