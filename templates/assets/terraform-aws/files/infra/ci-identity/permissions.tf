# What the roles may do: the calls that Terraform makes for `infra/service` and its state, each on
# resources that carry the service's name. Keys and networks are made by people: see README.md. For
# resources of your own, attach a policy of your own to the roles that the outputs name.
data "aws_caller_identity" "current" {}

data "aws_partition" "current" {}

data "aws_region" "current" {}

locals {
  partition = data.aws_partition.current.partition
  account   = data.aws_caller_identity.current.account_id
  region    = data.aws_region.current.region

  cluster_arn = "arn:${local.partition}:ecs:${local.region}:${local.account}:cluster/${var.cluster_name}"
  service_arn = "arn:${local.partition}:ecs:${local.region}:${local.account}:service/${var.cluster_name}/${var.name}"
  task_arn    = "arn:${local.partition}:ecs:${local.region}:${local.account}:task-definition/${var.name}:*"
  log_arn     = "arn:${local.partition}:logs:${local.region}:${local.account}:log-group:/service/${var.name}"
  state_key   = "${var.name}/terraform.tfstate"

  execution_role_arn = "arn:${local.partition}:iam::${local.account}:role/${var.name}-execution"
  workload_role_arns = ["arn:${local.partition}:iam::${local.account}:role/${var.name}-task", local.execution_role_arn]

  read = [
    {
      Sid      = "StateRead"
      Effect   = "Allow"
      Action   = ["s3:GetObject"]
      Resource = ["${var.state_bucket_arn}/${local.state_key}"]
    },
    {
      # The last prefix: which workspaces there are, which `terraform init` asks for.
      Sid       = "StateList"
      Effect    = "Allow"
      Action    = ["s3:ListBucket"]
      Resource  = [var.state_bucket_arn]
      Condition = { StringEquals = { "s3:prefix" = [local.state_key, "${local.state_key}.tflock", "env:/"] } }
    },
    {
      Sid      = "StateDecrypt"
      Effect   = "Allow"
      Action   = ["kms:Decrypt"]
      Resource = [var.state_key_arn]
    },
    {
      Sid      = "ServiceRead"
      Effect   = "Allow"
      Action   = ["ecs:DescribeClusters", "ecs:DescribeServices", "ecs:ListTagsForResource"]
      Resource = [local.cluster_arn, local.service_arn, local.task_arn]
    },
    {
      Sid      = "LogSettingsRead"
      Effect   = "Allow"
      Action   = ["logs:ListTagsForResource"]
      Resource = [local.log_arn]
    },
    {
      Sid      = "WorkloadRolesRead"
      Effect   = "Allow"
      Action   = ["iam:GetRole", "iam:GetRolePolicy", "iam:ListAttachedRolePolicies", "iam:ListRolePolicies", "iam:ListRoleTags"]
      Resource = local.workload_role_arns
    },
    {
      # It knows no resource, shows names alone, and is not in AWS's policy ViewOnlyAccess.
      Sid      = "KeyNamesRead"
      Effect   = "Allow"
      Action   = ["kms:ListAliases"]
      Resource = ["*"]
    },
  ]

  key_read = length(var.service_key_arns) == 0 ? [] : [{
    Sid      = "KeySettingsRead"
    Effect   = "Allow"
    Action   = ["kms:DescribeKey", "kms:GetKeyPolicy", "kms:GetKeyRotationStatus", "kms:ListResourceTags"]
    Resource = sort(var.service_key_arns)
  }]

  write = [
    {
      Sid      = "StateWrite"
      Effect   = "Allow"
      Action   = ["s3:PutObject"]
      Resource = ["${var.state_bucket_arn}/${local.state_key}"]
    },
    {
      Sid      = "StateLock"
      Effect   = "Allow"
      Action   = ["s3:DeleteObject", "s3:GetObject", "s3:PutObject"]
      Resource = ["${var.state_bucket_arn}/${local.state_key}.tflock"]
    },
    {
      Sid      = "StateEncrypt"
      Effect   = "Allow"
      Action   = ["kms:GenerateDataKey"]
      Resource = [var.state_key_arn]
    },
    {
      Sid      = "ServiceDeploy"
      Effect   = "Allow"
      Action   = ["ecs:CreateService", "ecs:DeleteService", "ecs:RegisterTaskDefinition", "ecs:TagResource", "ecs:UntagResource", "ecs:UpdateService"]
      Resource = [local.service_arn, local.task_arn]
    },
    {
      Sid      = "LogSettingsWrite"
      Effect   = "Allow"
      Action   = ["logs:AssociateKmsKey", "logs:CreateLogGroup", "logs:PutRetentionPolicy", "logs:TagResource", "logs:UntagResource"]
      Resource = [local.log_arn, "${local.log_arn}:*"]
    },
    {
      Sid       = "WorkloadRolesWithinTheBoundary"
      Effect    = "Allow"
      Action    = ["iam:CreateRole", "iam:DeleteRolePolicy", "iam:PutRolePolicy"]
      Resource  = local.workload_role_arns
      Condition = { StringEquals = { "iam:PermissionsBoundary" = var.permissions_boundary_arn } }
    },
    {
      # Tagging does not know the boundary. Where tags decide who may what, only these keys can be set.
      Sid       = "WorkloadRolesTag"
      Effect    = "Allow"
      Action    = ["iam:TagRole", "iam:UntagRole"]
      Resource  = local.workload_role_arns
      Condition = { "ForAllValues:StringEquals" = { "aws:TagKeys" = sort(var.role_tag_keys) } }
    },
    {
      Sid      = "ExecutionRoleAttach"
      Effect   = "Allow"
      Action   = ["iam:AttachRolePolicy"]
      Resource = [local.execution_role_arn]
      Condition = {
        ArnEquals    = { "iam:PolicyARN" = "arn:${local.partition}:iam::aws:policy/service-role/AmazonECSTaskExecutionRolePolicy" }
        StringEquals = { "iam:PermissionsBoundary" = var.permissions_boundary_arn }
      }
    },
    {
      Sid       = "WorkloadRolesPass"
      Effect    = "Allow"
      Action    = ["iam:PassRole"]
      Resource  = local.workload_role_arns
      Condition = { StringEquals = { "iam:PassedToService" = "ecs-tasks.amazonaws.com" } }
    },
    {
      # Stands even if somebody attaches a wider policy later.
      Sid    = "NeverItsOwnBounds"
      Effect = "Deny"
      Action = [
        "iam:AttachRolePolicy", "iam:DeleteRolePermissionsBoundary", "iam:PutRolePermissionsBoundary",
        "iam:PutRolePolicy", "iam:UpdateAssumeRolePolicy",
      ]
      Resource = [for role in ["plan", "apply"] : "arn:${local.partition}:iam::${local.account}:role/${var.name}-ci-${role}"]
    },
  ]

  permissions = {
    plan  = { Version = "2012-10-17", Statement = concat(local.read, local.key_read) }
    apply = { Version = "2012-10-17", Statement = concat(local.read, local.key_read, local.write) }
  }
}
