variable "service" {
  description = "The service that the resources belong to."
  type        = string

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{1,38}$", var.service))
    error_message = "The service must have 2 to 39 lower-case letters, digits and hyphens, and start with a letter."
  }
}

variable "environment" {
  description = "Where they run."
  type        = string

  validation {
    condition     = contains(["development", "staging", "production"], var.environment)
    error_message = "The environment must be development, staging or production."
  }
}

variable "owner" {
  description = "The team that is called at night, as CODEOWNERS writes it."
  type        = string

  validation {
    condition     = can(regex("^@[^/ ]+/[^/ ]+$", var.owner))
    error_message = "The owner must be a team: @organisation/team."
  }
}

variable "data_class" {
  description = "The most sensitive data that the resources hold."
  type        = string
  default     = "internal"

  validation {
    condition     = contains(["public", "internal", "confidential", "restricted"], var.data_class)
    error_message = "The class must be public, internal, confidential or restricted."
  }
}

variable "max_length" {
  description = "How long a name may be. Some resources allow few characters."
  type        = number
  default     = 63

  validation {
    condition     = var.max_length >= 16 && var.max_length <= 255 && floor(var.max_length) == var.max_length
    error_message = "The length must be a whole number from 16 to 255."
  }
}
