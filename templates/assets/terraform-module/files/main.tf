# Names and labels that are the same on every resource: who owns it, what it holds, where it runs.
locals {
  full = "${var.service}-${var.environment}"

  # What had to be cut gets a piece of its hash: two long names must not become one.
  hash = substr(sha256(local.full), 0, 6)
  name = length(local.full) <= var.max_length ? local.full : "${trimsuffix(substr(local.full, 0, var.max_length - 7), "-")}-${local.hash}"

  labels = {
    service             = var.service
    environment         = var.environment
    owner               = var.owner
    data-classification = var.data_class
  }
}
