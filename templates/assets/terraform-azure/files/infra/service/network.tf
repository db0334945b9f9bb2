# The callers come in, and nothing from the internet. Container Apps talk to themselves through their subnet:
# only who says its range can close the rest of the virtual network, which Azure's default rule lets in. What
# goes out is the network's own decision.
resource "azurerm_network_security_group" "service" {
  name                = var.name
  resource_group_name = var.resource_group_name
  location            = var.location
  tags                = var.tags
}

resource "azurerm_network_security_rule" "callers" {
  name                        = "callers"
  resource_group_name         = var.resource_group_name
  network_security_group_name = azurerm_network_security_group.service.name
  description                 = "TLS from the load balancer"
  direction                   = "Inbound"
  access                      = "Allow"
  priority                    = 100
  protocol                    = "Tcp"
  source_address_prefix       = var.network.caller_prefix
  source_port_range           = "*"
  destination_address_prefix  = "VirtualNetwork"
  # The second is where the environment answers, behind its load balancer.
  destination_port_ranges = ["443", "31443"]
}

# Container Apps asks its own instances whether they live.
resource "azurerm_network_security_rule" "probes" {
  name                        = "probes"
  resource_group_name         = var.resource_group_name
  network_security_group_name = azurerm_network_security_group.service.name
  description                 = "Azure's load balancer asks the environment"
  direction                   = "Inbound"
  access                      = "Allow"
  priority                    = 110
  protocol                    = "Tcp"
  source_address_prefix       = "AzureLoadBalancer"
  source_port_range           = "*"
  destination_address_prefix  = "VirtualNetwork"
  destination_port_range      = "30000-32767"
}

resource "azurerm_network_security_rule" "themselves" {
  count = var.network.apps_prefix == null ? 0 : 1

  name                        = "themselves"
  resource_group_name         = var.resource_group_name
  network_security_group_name = azurerm_network_security_group.service.name
  description                 = "Container Apps talk to themselves"
  direction                   = "Inbound"
  access                      = "Allow"
  priority                    = 120
  protocol                    = "*"
  source_address_prefix       = var.network.apps_prefix
  source_port_range           = "*"
  destination_address_prefix  = var.network.apps_prefix
  destination_port_range      = "*"
}

resource "azurerm_network_security_rule" "nobody_else" {
  name                        = "nobody-else"
  resource_group_name         = var.resource_group_name
  network_security_group_name = azurerm_network_security_group.service.name
  description                 = "Nothing else comes in"
  direction                   = "Inbound"
  access                      = "Deny"
  priority                    = 4096
  protocol                    = "*"
  source_address_prefix       = var.network.apps_prefix == null ? "Internet" : "*"
  source_port_range           = "*"
  destination_address_prefix  = "*"
  destination_port_range      = "*"
}

resource "azurerm_subnet_network_security_group_association" "service" {
  subnet_id                 = var.network.apps_subnet_id
  network_security_group_id = azurerm_network_security_group.service.id
}
