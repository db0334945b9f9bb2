# A key of its own: who may use it is told here, not by every policy of the account.
resource "aws_kms_key" "state" {
  description             = "Encrypts the Terraform state in ${var.bucket}"
  enable_key_rotation     = true
  deletion_window_in_days = 30
  policy                  = jsonencode(local.key_policy)
  tags                    = var.tags

  lifecycle {
    prevent_destroy = true
  }
}

resource "aws_kms_alias" "state" {
  name          = "alias/${var.bucket}"
  target_key_id = aws_kms_key.state.key_id
}

locals {
  administrators = {
    Sid       = "Administer"
    Effect    = "Allow"
    Principal = { AWS = sort(var.key_administrator_arns) }
    Action = [
      "kms:CancelKeyDeletion", "kms:CreateAlias", "kms:DeleteAlias", "kms:DescribeKey", "kms:DisableKey", "kms:EnableKey",
      "kms:EnableKeyRotation", "kms:GetKeyPolicy", "kms:GetKeyRotationStatus", "kms:ListResourceTags", "kms:PutKeyPolicy",
      "kms:ScheduleKeyDeletion", "kms:TagResource", "kms:UntagResource", "kms:UpdateKeyDescription",
    ]
    # In a key's policy this means the key itself.
    Resource = "*"
  }

  use = {
    Read  = { roles = setunion(var.reader_role_arns, var.writer_role_arns, aws_iam_role.replication[*].arn), actions = ["kms:Decrypt"] }
    Write = { roles = var.writer_role_arns, actions = ["kms:GenerateDataKey"] }
  }

  users = [
    for sid, use in local.use : {
      Sid       = sid
      Effect    = "Allow"
      Principal = { AWS = sort(use.roles) }
      Action    = use.actions
      Resource  = "*"
    } if length(use.roles) > 0
  ]

  key_policy = {
    Version   = "2012-10-17"
    Statement = concat([local.administrators], local.users)
  }
}
