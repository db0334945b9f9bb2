mock_provider "aws" {
  override_during = plan

  mock_data "aws_partition" {
    defaults = { partition = "aws" }
  }
  mock_data "aws_caller_identity" {
    defaults = { account_id = "111122223333" }
  }
  mock_data "aws_region" {
    defaults = { region = "eu-west-1" }
  }
  mock_resource "aws_kms_key" {
    defaults = { arn = "arn:aws:kms:eu-west-1:111122223333:key/00000000-0000-0000-0000-000000000000" }
  }
}

variables {
  name                            = "payments-api"
  image                           = "registry.example/payments@sha256:0000000000000000000000000000000000000000000000000000000000000000"
  cluster_arn                     = "arn:aws:ecs:eu-west-1:111122223333:cluster/acme"
  vpc_id                          = "vpc-1"
  subnet_ids                      = ["subnet-1", "subnet-2"]
  load_balancer_security_group_id = "sg-1"
  target_group_arn                = "arn:aws:elasticloadbalancing:eu-west-1:111122223333:targetgroup/payments/1"
  token_keys_secret_arn           = "arn:aws:secretsmanager:eu-west-1:111122223333:secret:payments-abc123"
  permissions_boundary_arn        = "arn:aws:iam::111122223333:policy/boundary"
  key_administrator_arns          = ["arn:aws:iam::111122223333:role/security"]
  egress_cidrs                    = { endpoints = "10.0.0.0/24" }
}

run "runs_without_root_on_a_read_only_root" {
  command = plan

  assert {
    condition = alltrue([for c in jsondecode(aws_ecs_task_definition.service.container_definitions) :
      c.readonlyRootFilesystem && !c.privileged && c.linuxParameters.capabilities.drop == ["ALL"] && (c.user == "65532:65532" || !c.essential)
    ])
    error_message = "Every container drops all capabilities and has a read-only root; the service is not root."
  }

  assert {
    condition     = !aws_ecs_service.service.network_configuration[0].assign_public_ip && !aws_ecs_service.service.enable_execute_command
    error_message = "No public address, and no shell into the task."
  }

  assert {
    condition     = aws_ecs_service.service.deployment_circuit_breaker[0].rollback
    error_message = "An unhealthy deployment must roll back."
  }
}

run "gets_its_secret_as_a_file" {
  command = plan

  assert {
    condition     = alltrue([for c in jsondecode(aws_ecs_task_definition.service.container_definitions) : !can(c.secrets) if c.name == "payments-api"])
    error_message = "The service must not see the secret as a variable."
  }

  assert {
    condition     = one([for c in jsondecode(aws_ecs_task_definition.service.container_definitions) : one([for e in c.environment : e.value if e.name == "TOKEN_KEY_FILE"]) if c.name == "payments-api"]) == "/run/secrets/token-keys"
    error_message = "The service must know where the file is."
  }
}

run "encrypts_and_keeps_logs" {
  command = plan

  assert {
    condition     = aws_cloudwatch_log_group.service.kms_key_id == aws_kms_key.service.arn && aws_cloudwatch_log_group.service.retention_in_days >= 365
    error_message = "Logs must be encrypted with our key, and kept for a year."
  }

  assert {
    condition     = aws_kms_key.service.enable_key_rotation
    error_message = "The key must rotate."
  }

  assert {
    condition = alltrue([
      for s in jsondecode(aws_kms_key.service.policy).Statement : s.Condition.StringEquals["kms:ViaService"] == "secretsmanager.eu-west-1.amazonaws.com"
      if endswith(try(tostring(s.Principal.AWS), ""), ":root") && anytrue([for action in s.Action : can(regex("crypt|DataKey", action))])
    ])
    error_message = "The account may use the key through Secrets Manager alone."
  }
}

run "has_an_identity_within_the_boundary" {
  command = plan

  assert {
    condition     = aws_iam_role.task.permissions_boundary == var.permissions_boundary_arn && aws_iam_role.execution.permissions_boundary == var.permissions_boundary_arn
    error_message = "Both roles must carry the boundary."
  }

  assert {
    condition     = jsondecode(aws_iam_role.task.assume_role_policy).Statement[0].Condition.StringEquals["aws:SourceAccount"] == "111122223333"
    error_message = "Only tasks of this account may use the roles."
  }
}

run "listens_to_the_load_balancer_alone" {
  command = plan

  assert {
    condition     = aws_vpc_security_group_ingress_rule.load_balancer.referenced_security_group_id == "sg-1"
    error_message = "Only the load balancer may connect."
  }
}

run "refuses_an_image_without_a_digest" {
  command = plan

  variables {
    image = "registry.example/payments:1.0"
  }

  expect_failures = [var.image]
}

run "refuses_to_reach_the_whole_internet" {
  command = plan

  variables {
    egress_cidrs = { everywhere = "0.0.0.0/0" }
  }

  expect_failures = [var.egress_cidrs]
}

run "refuses_a_secret_among_the_settings" {
  command = plan

  variables {
    environment = { DATABASE_PASSWORD = "x" }
  }

  expect_failures = [var.environment]
}

run "reaches_a_gateway_endpoint_by_its_prefix_list" {
  command = plan

  variables {
    egress_prefix_lists = { s3 = "pl-6da54004" }
  }

  assert {
    condition     = aws_vpc_security_group_egress_rule.gateway["s3"].prefix_list_id == "pl-6da54004" && aws_vpc_security_group_egress_rule.gateway["s3"].to_port == 443
    error_message = "Images must come through the gateway endpoint, with TLS."
  }
}

run "refuses_a_network_for_a_prefix_list" {
  command = plan

  variables {
    egress_prefix_lists = { everywhere = "0.0.0.0/0" }
  }

  expect_failures = [var.egress_prefix_lists]
}

run "refuses_to_stand_on_one_leg" {
  command = plan

  variables {
    replicas = 1
  }

  expect_failures = [var.replicas]
}
