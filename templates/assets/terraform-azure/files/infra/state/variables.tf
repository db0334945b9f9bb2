variable "account_name" {
  description = "The storage account's name, unique in all of Azure."
  type        = string

  validation {
    condition     = can(regex("^[a-z0-9]{3,24}$", var.account_name))
    error_message = "The name must have 3 to 24 lower-case letters and digits."
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

variable "key_vault_id" {
  description = "The platform's vault for keys, with hardware keys and purge protection."
  type        = string

  validation {
    condition     = can(regex("^/subscriptions/.+/providers/Microsoft.KeyVault/vaults/[A-Za-z0-9-]+$", var.key_vault_id))
    error_message = "It must be the full id of a vault."
  }
}

variable "key_expires" {
  description = "When the key's first version expires, as 2028-01-31T00:00:00Z. It rotates by itself before that."
  type        = string

  validation {
    condition     = can(formatdate("YYYY", var.key_expires))
    error_message = "It must be a date and time in UTC, such as 2028-01-31T00:00:00Z."
  }
}

variable "subnet_id" {
  description = "The subnet of the private endpoint: the state is reached from the network alone."
  type        = string
}

variable "private_dns_zone_ids" {
  description = "The zone privatelink.blob.core.windows.net, if no policy registers endpoints by itself."
  type        = list(string)
  default     = []
}

variable "log_analytics_workspace_id" {
  description = "Where it is recorded who read and who wrote the state."
  type        = string
}

variable "keep_days" {
  description = "How long deleted and replaced versions of the state are kept, in days."
  type        = number
  default     = 365

  validation {
    condition     = var.keep_days >= 30 && var.keep_days <= 365 && floor(var.keep_days) == var.keep_days
    error_message = "At least 30 days, because a lost state is often noticed late; at most 365."
  }
}

variable "tags" {
  description = "Tags of everything that this module creates."
  type        = map(string)
  default     = {}
}
