# The service on Container Apps: inside the network, encrypted between instances too.
resource "azurerm_log_analytics_workspace" "service" {
  name                          = var.name
  resource_group_name           = var.resource_group_name
  location                      = var.location
  sku                           = "PerGB2018"
  retention_in_days             = var.log_retention_days
  local_authentication_disabled = true
  tags                          = var.tags
}

resource "azurerm_container_app_environment" "service" {
  name                           = var.name
  resource_group_name            = var.resource_group_name
  location                       = var.location
  logs_destination               = "azure-monitor"
  infrastructure_subnet_id       = var.network.apps_subnet_id
  internal_load_balancer_enabled = true
  public_network_access          = "Disabled"
  mutual_tls_enabled             = true
  zone_redundancy_enabled        = true
  tags                           = var.tags

  workload_profile {
    name                  = "Consumption"
    workload_profile_type = "Consumption"
  }

  depends_on = [azurerm_subnet_network_security_group_association.service]
}

resource "azurerm_monitor_diagnostic_setting" "logs" {
  name                       = "logs"
  target_resource_id         = azurerm_container_app_environment.service.id
  log_analytics_workspace_id = azurerm_log_analytics_workspace.service.id

  enabled_log {
    category_group = "allLogs"
  }
}

resource "azurerm_container_app" "service" {
  name                         = var.name
  resource_group_name          = var.resource_group_name
  container_app_environment_id = azurerm_container_app_environment.service.id
  workload_profile_name        = "Consumption"
  revision_mode                = "Single"
  max_inactive_revisions       = 10 # to roll back to
  tags                         = var.tags

  identity {
    type         = "UserAssigned"
    identity_ids = [azurerm_user_assigned_identity.service.id]
  }

  registry {
    server   = var.registry.server
    identity = azurerm_user_assigned_identity.service.id
  }

  # Without a version, a rotated secret arrives within half an hour.
  secret {
    name                = "token-keys"
    identity            = azurerm_user_assigned_identity.service.id
    key_vault_secret_id = "${azurerm_key_vault.service.vault_uri}secrets/token-keys"
  }

  ingress {
    external_enabled           = true # for the network: the environment has no public address
    allow_insecure_connections = false
    target_port                = 8080
    transport                  = "http"

    traffic_weight {
      latest_revision = true
      percentage      = 100
    }
  }

  template {
    min_replicas                     = var.replicas
    max_replicas                     = var.max_replicas
    termination_grace_period_seconds = 30

    http_scale_rule {
      name                = "requests"
      concurrent_requests = "50"
    }

    container {
      name   = var.name
      image  = var.image
      cpu    = 0.25
      memory = "0.5Gi"

      dynamic "env" {
        for_each = merge(var.environment, { TOKEN_KEY_FILE = "/run/secrets/token-keys" })

        content {
          name  = env.key
          value = env.value
        }
      }

      volume_mounts {
        name = "secrets"
        path = "/run/secrets"
      }

      startup_probe {
        transport               = "HTTP"
        path                    = "/healthz"
        port                    = 8080
        interval_seconds        = 2
        failure_count_threshold = 10
      }

      liveness_probe {
        transport               = "HTTP"
        path                    = "/healthz"
        port                    = 8080
        interval_seconds        = 10
        failure_count_threshold = 3
      }

      readiness_probe {
        transport               = "HTTP"
        path                    = "/readyz"
        port                    = 8080
        interval_seconds        = 5
        failure_count_threshold = 3
      }
    }

    volume {
      name         = "secrets"
      storage_type = "Secret"
    }
  }

  depends_on = [azurerm_role_assignment.pull, azurerm_role_assignment.secrets]
}
