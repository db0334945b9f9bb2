# The service on ECS: no root, a read-only root file system, no public address.
resource "aws_cloudwatch_log_group" "service" {
  name              = local.log_group_name
  retention_in_days = var.log_retention_days
  kms_key_id        = aws_kms_key.service.arn
  tags              = var.tags
}

locals {
  port        = 8080
  secrets_dir = "/run/secrets"

  logging = {
    logDriver = "awslogs"
    options = {
      awslogs-group         = aws_cloudwatch_log_group.service.name
      awslogs-region        = local.region
      awslogs-stream-prefix = var.name
    }
  }

  # ECS hands secrets over as variables only; the service reads files, because variables leak into
  # crash reports. This one writes the file and ends. The volume is root's, so it must be root.
  secret_writer = {
    name                   = "secrets"
    image                  = var.init_image
    essential              = false
    user                   = "0:0"
    privileged             = false
    readonlyRootFilesystem = true
    command                = ["sh", "-c", "umask 022 && printf '%s\\n' \"$TOKEN_KEYS\" > ${local.secrets_dir}/token-keys"]
    secrets                = [{ name = "TOKEN_KEYS", valueFrom = var.token_keys_secret_arn }]
    mountPoints            = [{ sourceVolume = "secrets", containerPath = local.secrets_dir, readOnly = false }]
    linuxParameters        = { capabilities = { add = [], drop = ["ALL"] } }
    logConfiguration       = local.logging
  }

  container = {
    name                   = var.name
    image                  = var.image
    essential              = true
    user                   = "65532:65532"
    privileged             = false
    readonlyRootFilesystem = true
    stopTimeout            = 30
    portMappings           = [{ containerPort = local.port, protocol = "tcp" }]
    environment            = [for key in sort(keys(local.environment)) : { name = key, value = local.environment[key] }]
    mountPoints            = [{ sourceVolume = "secrets", containerPath = local.secrets_dir, readOnly = true }]
    dependsOn              = [{ containerName = local.secret_writer.name, condition = "SUCCESS" }]
    logConfiguration       = local.logging
    linuxParameters = {
      initProcessEnabled = true
      capabilities       = { add = [], drop = ["ALL"] }
    }
  }

  environment = merge(var.environment, { TOKEN_KEY_FILE = "${local.secrets_dir}/token-keys" })
}

resource "aws_ecs_task_definition" "service" {
  family                   = var.name
  requires_compatibilities = ["FARGATE"]
  network_mode             = "awsvpc"
  cpu                      = tostring(var.cpu)
  memory                   = tostring(var.memory)
  execution_role_arn       = aws_iam_role.execution.arn
  task_role_arn            = aws_iam_role.task.arn
  container_definitions    = jsonencode([local.secret_writer, local.container])
  # Older revisions stay: a rollback needs them, and CI cannot deregister.
  skip_destroy = true
  tags         = var.tags

  volume {
    name = "secrets"
  }

  runtime_platform {
    operating_system_family = "LINUX"
    cpu_architecture        = "X86_64"
  }
}

resource "aws_ecs_service" "service" {
  name             = var.name
  cluster          = var.cluster_arn
  task_definition  = aws_ecs_task_definition.service.arn
  desired_count    = var.replicas
  launch_type      = "FARGATE"
  platform_version = "LATEST"
  propagate_tags   = "SERVICE"
  tags             = var.tags

  # What does not become healthy is rolled back by ECS itself.
  deployment_circuit_breaker {
    enable   = true
    rollback = true
  }

  deployment_minimum_healthy_percent = 100
  deployment_maximum_percent         = 200
  enable_execute_command             = false
  wait_for_steady_state              = true

  network_configuration {
    subnets          = var.subnet_ids
    security_groups  = [aws_security_group.service.id]
    assign_public_ip = false
  }

  load_balancer {
    target_group_arn = var.target_group_arn
    container_name   = var.name
    container_port   = local.port
  }

  # To Terraform, a service that ECS has rolled back is as steady as one that runs what it should.
  lifecycle {
    postcondition {
      condition     = self.task_definition == aws_ecs_task_definition.service.arn
      error_message = "The new tasks did not become healthy, and ECS went back to the ones before: the service's events say why."
    }
  }
}
