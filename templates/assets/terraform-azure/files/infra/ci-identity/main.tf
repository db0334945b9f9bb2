# Two identities and no secret: one reads, to plan; one writes, to apply.
resource "azurerm_user_assigned_identity" "ci" {
  for_each = local.environments

  name                = "${var.name}-ci-${each.key}"
  resource_group_name = var.resource_group_name
  location            = var.location
  tags                = var.tags
}
