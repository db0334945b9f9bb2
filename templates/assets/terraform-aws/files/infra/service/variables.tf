variable "name" {
  description = "The service: its ECS service, roles, logs and key carry this name."
  type        = string

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{1,38}$", var.name))
    error_message = "The name must have 2 to 39 lower-case letters, digits and hyphens, and start with a letter."
  }
}

variable "image" {
  description = "The image by digest: what was scanned and signed is what runs."
  type        = string

  validation {
    condition     = can(regex("^[a-z0-9.-]+(:[0-9]+)?/[a-z0-9._/-]+(:[A-Za-z0-9._-]+)?@sha256:[a-f0-9]{64}$", var.image))
    error_message = "The image must name its registry and end with @sha256: and 64 hexadecimal digits."
  }
}

variable "cluster_arn" {
  description = "The ECS cluster, which the platform team runs."
  type        = string
}

variable "vpc_id" {
  description = "The network."
  type        = string
}

variable "subnet_ids" {
  description = "Private subnets in at least two zones."
  type        = set(string)

  validation {
    condition     = length(var.subnet_ids) >= 2
    error_message = "At least two subnets, so that the service survives the loss of a zone."
  }
}

variable "load_balancer_security_group_id" {
  description = "Who may connect to the service: the load balancer's security group."
  type        = string
}

variable "target_group_arn" {
  description = "The load balancer's target group."
  type        = string
}

variable "egress_cidrs" {
  description = "Where the service may connect to with TLS, by purpose: VPC endpoints, databases. Nothing by default but what is named."
  type        = map(string)
  default     = {}

  validation {
    condition     = alltrue([for cidr in values(var.egress_cidrs) : can(cidrhost(cidr, 0)) && !endswith(cidr, "/0")])
    error_message = "Each must be a network in CIDR form, and not the whole internet."
  }
}

variable "egress_prefix_lists" {
  description = "The same for gateway endpoints, by their prefix lists: `s3`, where images come from ECR through one."
  type        = map(string)
  default     = {}

  validation {
    condition     = alltrue([for id in values(var.egress_prefix_lists) : can(regex("^pl-[a-f0-9]+$", id))])
    error_message = "Each must be the id of a prefix list, such as pl-6da54004."
  }
}

variable "token_keys_secret_arn" {
  description = "The secret whose value the service reads its token keys from."
  type        = string

  validation {
    condition     = can(regex("^arn:aws[a-z-]*:secretsmanager:[a-z0-9-]+:[0-9]{12}:secret:[A-Za-z0-9/_+=.@-]+$", var.token_keys_secret_arn))
    error_message = "It must be the exact ARN of a secret, with its random suffix."
  }
}

variable "init_image" {
  description = "A small image with a shell, by digest. It writes the token keys into a file, and ends."
  type        = string
  default     = "docker.io/library/busybox:1.38.0@sha256:fd8d9aa63ba2f0982b5304e1ee8d3b90a210bc1ffb5314d980eb6962f1a9715d"

  validation {
    condition     = can(regex("@sha256:[a-f0-9]{64}$", var.init_image))
    error_message = "The image must end with @sha256: and 64 hexadecimal digits."
  }
}

variable "permissions_boundary_arn" {
  description = "The organisation's permission boundary, for both roles."
  type        = string
}

variable "key_administrator_arns" {
  description = "Roles of people who may change or schedule the deletion of the key."
  type        = set(string)

  validation {
    condition     = length(var.key_administrator_arns) > 0 && alltrue([for arn in var.key_administrator_arns : can(regex("^arn:aws[a-z-]*:iam::[0-9]{12}:role/[A-Za-z0-9+=,.@_/-]+$", arn))])
    error_message = "At least one role must be named, each by its exact ARN."
  }
}

variable "environment" {
  description = "Settings of the service. Secrets do not belong here: whoever may describe the task can read these."
  type        = map(string)
  default     = {}

  validation {
    condition     = alltrue([for key in keys(var.environment) : !can(regex("(SECRET|PASSWORD|TOKEN_KEYS$|API_?KEY|PRIVATE)", upper(key)))])
    error_message = "This looks like a secret: put it into a secret, and mount it."
  }
}

variable "replicas" {
  description = "Tasks that run."
  type        = number
  default     = 2

  validation {
    condition     = var.replicas >= 2 && var.replicas <= 100
    error_message = "At least 2, so that one can fail; at most 100."
  }
}

variable "cpu" {
  description = "CPU units of a task: 1024 are one core."
  type        = number
  default     = 256

  validation {
    condition     = contains([256, 512, 1024, 2048, 4096], var.cpu)
    error_message = "Fargate knows 256, 512, 1024, 2048 and 4096."
  }
}

variable "memory" {
  description = "Memory of a task in MiB."
  type        = number
  default     = 512
}

variable "log_retention_days" {
  description = "How long logs are kept."
  type        = number
  default     = 365

  validation {
    condition     = contains([365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653], var.log_retention_days)
    error_message = "At least a year, in a step that CloudWatch knows."
  }
}

variable "tags" {
  description = "Tags of everything that this module creates."
  type        = map(string)
  default     = {}
}
