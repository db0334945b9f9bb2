# The service on Cloud Run: reached through the load balancer alone, sending through our own network.
resource "google_cloud_run_v2_service" "service" {
  project             = var.project
  name                = var.name
  location            = var.region
  ingress             = "INGRESS_TRAFFIC_INTERNAL_LOAD_BALANCER"
  deletion_protection = true
  labels              = var.labels

  # The project's policy decides which signatures an image needs.
  binary_authorization {
    use_default = true
  }

  template {
    service_account                  = google_service_account.service.email
    encryption_key                   = google_kms_crypto_key.service.id
    execution_environment            = "EXECUTION_ENVIRONMENT_GEN2"
    timeout                          = "30s"
    max_instance_request_concurrency = 80

    scaling {
      min_instance_count = var.replicas
      max_instance_count = var.max_replicas
    }

    vpc_access {
      egress = "ALL_TRAFFIC"

      network_interfaces {
        network    = var.network.network
        subnetwork = var.network.subnetwork
        tags       = var.network.tags
      }
    }

    containers {
      name  = var.name
      image = var.image

      ports {
        container_port = 8080
      }

      resources {
        limits            = { cpu = "1", memory = "512Mi" }
        cpu_idle          = true
        startup_cpu_boost = true
      }

      # Cloud Run kills ten seconds after it said that it ends.
      dynamic "env" {
        for_each = merge({ GRACE_SECONDS = "8" }, var.environment, { TOKEN_KEY_FILE = "/run/secrets/token-keys" })

        content {
          name  = env.key
          value = env.value
        }
      }

      volume_mounts {
        name       = "secrets"
        mount_path = "/run/secrets"
      }

      startup_probe {
        period_seconds    = 2
        timeout_seconds   = 2
        failure_threshold = 30

        http_get {
          path = "/readyz"
          port = 8080
        }
      }

      liveness_probe {
        period_seconds    = 10
        timeout_seconds   = 2
        failure_threshold = 3

        http_get {
          path = "/healthz"
          port = 8080
        }
      }
    }

    volumes {
      name = "secrets"

      secret {
        secret       = var.token_keys_name
        default_mode = 292 # 0444: the file system is this instance's alone, and its user is not root

        items {
          path    = "token-keys"
          version = var.token_keys_version
        }
      }
    }
  }

  traffic {
    type    = "TRAFFIC_TARGET_ALLOCATION_TYPE_LATEST"
    percent = 100
  }

  depends_on = [google_kms_crypto_key_iam_member.agents, google_secret_manager_secret_iam_member.token_keys]
}
