variable "name" {
  description = "The service: its app, identity, vault and logs carry this name."
  type        = string

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{0,27}[a-z0-9]$", var.name)) && !strcontains(var.name, "--")
    error_message = "The name must have 2 to 29 lower-case letters, digits and hyphens, start with a letter, and have no hyphen at the end and no two in a row: it is the app's, too."
  }
}

variable "resource_group_name" {
  description = "The resource group."
  type        = string
}

variable "location" {
  description = "The region."
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

variable "registry" {
  description = "The container registry that the image comes from."
  type = object({
    id     = string
    server = string
  })
}

variable "network" {
  description = "Subnets: one that Container Apps has to itself, one for private endpoints, and the address range that may call the service. With `apps_prefix`, the range of the first, nobody else in the virtual network may."
  type = object({
    apps_subnet_id      = string
    endpoints_subnet_id = string
    caller_prefix       = string
    apps_prefix         = optional(string)
  })

  validation {
    condition     = can(cidrhost(var.network.caller_prefix, 0)) && !endswith(var.network.caller_prefix, "/0")
    error_message = "Callers must be a network in CIDR form, and not the whole internet."
  }

  validation {
    condition     = var.network.apps_prefix == null || can(cidrhost(var.network.apps_prefix, 0))
    error_message = "The range of the apps' subnet must be a network in CIDR form."
  }
}

variable "vault_name" {
  description = "The name of the service's vault, unique in all of Azure."
  type        = string

  validation {
    condition     = can(regex("^[a-zA-Z][a-zA-Z0-9-]{1,22}[a-zA-Z0-9]$", var.vault_name))
    error_message = "The name must have 3 to 24 letters, digits and hyphens, and start with a letter."
  }
}

variable "tenant_id" {
  description = "The tenant."
  type        = string
}

variable "private_dns_zone_ids" {
  description = "The zone privatelink.vaultcore.azure.net, if no policy registers endpoints by itself."
  type        = list(string)
  default     = []
}

variable "environment" {
  description = "Settings of the service. Secrets do not belong here: whoever may look at the app can read these."
  type        = map(string)
  default     = {}

  validation {
    condition     = alltrue([for key in keys(var.environment) : !can(regex("(SECRET|PASSWORD|TOKEN_KEYS$|API_?KEY|PRIVATE)", upper(key)))])
    error_message = "This looks like a secret: put it into a secret, and mount it."
  }
}

variable "replicas" {
  description = "Replicas that always run."
  type        = number
  default     = 2

  validation {
    condition     = var.replicas >= 2 && var.replicas <= 100
    error_message = "At least 2, so that one can fail; at most 100."
  }
}

variable "max_replicas" {
  description = "Replicas that run at most."
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
    condition     = var.log_retention_days >= 365 && var.log_retention_days <= 730
    error_message = "At least a year; the workspace keeps two at most."
  }
}

variable "tags" {
  description = "Tags of everything that this module creates."
  type        = map(string)
  default     = {}
}
