variable "bucket" {
  description = "The bucket's name, unique in all of AWS: `ORGANISATION-SERVICE-state-ACCOUNT`."
  type        = string

  validation {
    condition     = can(regex("^[a-z0-9][a-z0-9-]{1,61}[a-z0-9]$", var.bucket))
    error_message = "The name must have 3 to 63 lower-case letters, digits and hyphens."
  }
}

variable "key_administrator_arns" {
  description = "Roles of people who may change or schedule the deletion of the key. They cannot decrypt with it."
  type        = set(string)

  validation {
    condition = length(var.key_administrator_arns) > 0 && alltrue([
      for arn in var.key_administrator_arns : can(regex("^arn:aws[a-z-]*:iam::[0-9]{12}:role/[A-Za-z0-9+=,.@_/-]+$", arn))
    ])
    error_message = "At least one role must be named, each by its exact ARN."
  }
}

variable "reader_role_arns" {
  description = "Roles that read the state: CI's plan role, and people who mend."
  type        = set(string)
  default     = []

  validation {
    condition     = alltrue([for arn in var.reader_role_arns : can(regex("^arn:aws[a-z-]*:iam::[0-9]{12}:role/[A-Za-z0-9+=,.@_/-]+$", arn))])
    error_message = "Each must be the exact ARN of a role."
  }
}

variable "writer_role_arns" {
  description = "Roles that write the state: CI's apply role, and people who mend."
  type        = set(string)
  default     = []

  validation {
    condition     = alltrue([for arn in var.writer_role_arns : can(regex("^arn:aws[a-z-]*:iam::[0-9]{12}:role/[A-Za-z0-9+=,.@_/-]+$", arn))])
    error_message = "Each must be the exact ARN of a role."
  }
}

variable "log_bucket" {
  description = "The account's bucket for access logs; null where CloudTrail data events record who read the state."
  type        = string
  default     = null
}

variable "replica" {
  description = "A versioned bucket in another region and the key that encrypts what is copied there; null where data must not leave the region."
  type        = object({ bucket_arn = string, key_arn = string })
  default     = null

  validation {
    condition = var.replica == null ? true : alltrue([
      can(regex("^arn:aws[a-z-]*:s3:::[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$", var.replica.bucket_arn)),
      can(regex("^arn:aws[a-z-]*:kms:[a-z0-9-]+:[0-9]{12}:key/[a-z0-9-]+$", var.replica.key_arn)),
    ])
    error_message = "Both must be exact ARNs: of a bucket, and of a key."
  }

  validation {
    condition     = var.replica == null || length(var.bucket) <= 52
    error_message = "A bucket that is copied may have 52 characters in its name: that of the role that copies has twelve more, and may have 64."
  }
}

variable "keep_days" {
  description = "How long replaced versions of the state are kept, in days."
  type        = number
  default     = 365

  validation {
    condition     = var.keep_days >= 30 && floor(var.keep_days) == var.keep_days
    error_message = "At least 30 days: a lost state is often noticed late."
  }
}

variable "tags" {
  description = "Tags of everything that this module creates."
  type        = map(string)
  default     = {}
}
