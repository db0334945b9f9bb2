variable "name" {
  description = "The service: its account, logs and key carry this name."
  type        = string

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{0,24}[a-z0-9]$", var.name))
    error_message = "The name must have 2 to 26 lower-case letters, digits and hyphens, start with a letter, and not end with a hyphen: the account's has four more, and may have 30."
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

variable "region" {
  description = "The region of the service, its key and its logs."
  type        = string
}

variable "image" {
  description = "The image by digest: what was scanned and signed is what runs."
  type        = string

  validation {
    condition     = can(regex("^[a-z0-9.-]+(:[0-9]+)?/[a-z0-9._/-]+(:[A-Za-z0-9._-]+)?@sha256:[a-f0-9]{64}$", var.image))
    error_message = "The image must name its registry and end with @sha256: and 64 hexadecimal digits."
  }
}

variable "network" {
  description = "The network and subnet that the service sends from. The subnet's firewall decides where to."
  type = object({
    network    = string
    subnetwork = string
    tags       = optional(list(string), [])
  })
}

variable "token_keys_name" {
  description = "The name of the secret with the token keys, in the same project."
  type        = string

  validation {
    condition     = can(regex("^[A-Za-z0-9_-]{1,255}$", var.token_keys_name))
    error_message = "It must be the name of a secret, without projects/ and without a version."
  }
}

variable "token_keys_version" {
  description = "The secret's version. A number makes a rotation a deployment, which can be rolled back."
  type        = string

  validation {
    condition     = can(regex("^[1-9][0-9]*$", var.token_keys_version))
    error_message = "It must be the number of a version, not latest."
  }
}

variable "invokers" {
  description = "Who may call the service past the load balancer's own checks: exact members, such as `serviceAccount:…`."
  type        = set(string)
  default     = []

  validation {
    condition     = alltrue([for member in var.invokers : can(regex("^(serviceAccount|group|user):[^*]+@[^*]+$", member))])
    error_message = "Each must be one account or group: not allUsers, and not allAuthenticatedUsers."
  }
}

variable "environment" {
  description = "Settings of the service. Secrets do not belong here: whoever may look at the service can read these."
  type        = map(string)
  default     = {}

  validation {
    condition     = alltrue([for key in keys(var.environment) : !can(regex("(SECRET|PASSWORD|TOKEN_KEYS$|API_?KEY|PRIVATE)", upper(key)))])
    error_message = "This looks like a secret: put it into a secret, and mount it."
  }
}

variable "replicas" {
  description = "Instances that always run."
  type        = number
  default     = 2

  validation {
    condition     = var.replicas >= 2 && var.replicas <= 100
    error_message = "At least 2, so that one can fail; at most 100."
  }
}

variable "max_replicas" {
  description = "Instances that run at most."
  type        = number
  default     = 10

  validation {
    condition     = var.max_replicas >= var.replicas
    error_message = "At most must not be less than always."
  }
}

variable "log_retention_days" {
  description = "How long logs are kept."
  type        = number
  default     = 365

  validation {
    condition     = var.log_retention_days >= 365 && var.log_retention_days <= 3650
    error_message = "At least a year, at most ten."
  }
}

variable "labels" {
  description = "Labels of everything that this module creates."
  type        = map(string)
  default     = {}
}
