mock_provider "aws" {
  # Known while planning: a bucket that may not be destroyed cannot be applied in a test.
  override_during = plan

  mock_resource "aws_s3_bucket" {
    defaults = {
      id  = "acme-payments-state"
      arn = "arn:aws:s3:::acme-payments-state"
    }
  }
  mock_resource "aws_iam_role" {
    defaults = {
      id  = "acme-payments-state-replication"
      arn = "arn:aws:iam::111122223333:role/acme-payments-state-replication"
    }
  }
  mock_resource "aws_kms_key" {
    defaults = { arn = "arn:aws:kms:eu-west-1:111122223333:key/00000000-0000-0000-0000-000000000000" }
  }
}

variables {
  bucket                 = "acme-payments-state"
  key_administrator_arns = ["arn:aws:iam::111122223333:role/security"]
  reader_role_arns       = ["arn:aws:iam::111122223333:role/payments-ci-plan"]
  writer_role_arns       = ["arn:aws:iam::111122223333:role/payments-ci-apply"]
}

run "is_private_versioned_and_encrypted" {
  command = plan

  assert {
    condition     = aws_s3_bucket_versioning.state.versioning_configuration[0].status == "Enabled"
    error_message = "Every version must be kept."
  }

  assert {
    condition = alltrue([
      aws_s3_bucket_public_access_block.state.block_public_acls, aws_s3_bucket_public_access_block.state.block_public_policy,
      aws_s3_bucket_public_access_block.state.ignore_public_acls, aws_s3_bucket_public_access_block.state.restrict_public_buckets,
    ])
    error_message = "No public access of any kind."
  }

  assert {
    condition     = aws_kms_key.state.enable_key_rotation && aws_kms_key.state.deletion_window_in_days == 30
    error_message = "The key must rotate, and leave time to undo its deletion."
  }
}

run "lets_readers_decrypt_and_writers_encrypt_and_nobody_else" {
  command = plan

  assert {
    condition     = jsondecode(aws_kms_key.state.policy).Statement[1].Principal.AWS == ["arn:aws:iam::111122223333:role/payments-ci-apply", "arn:aws:iam::111122223333:role/payments-ci-plan"]
    error_message = "Readers and writers must be able to decrypt."
  }

  assert {
    condition     = jsondecode(aws_kms_key.state.policy).Statement[2].Principal.AWS == ["arn:aws:iam::111122223333:role/payments-ci-apply"]
    error_message = "Only writers may encrypt."
  }

  assert {
    condition     = !strcontains(aws_kms_key.state.policy, ":root") && !strcontains(aws_kms_key.state.policy, "kms:*")
    error_message = "Only named roles and named actions."
  }

  assert {
    condition     = length([for s in jsondecode(aws_kms_key.state.policy).Statement : s if s.Sid == "Administer" && contains(s.Action, "kms:Decrypt")]) == 0
    error_message = "Who administers the key must not read the state with it."
  }
}

run "copies_to_another_region_if_it_may" {
  command = plan

  variables {
    replica = {
      bucket_arn = "arn:aws:s3:::acme-payments-state-copy"
      key_arn    = "arn:aws:kms:eu-central-1:111122223333:key/11111111-1111-1111-1111-111111111111"
    }
  }

  assert {
    condition     = aws_s3_bucket_replication_configuration.state[0].rule[0].status == "Enabled"
    error_message = "It must be copied."
  }

  assert {
    condition     = !strcontains(aws_iam_role_policy.replication[0].policy, "s3:ReplicateDelete") && !strcontains(aws_iam_role_policy.replication[0].policy, ":*")
    error_message = "Deletions must not be copied, and every action be named."
  }

  assert {
    condition     = contains(jsondecode(aws_kms_key.state.policy).Statement[1].Principal.AWS, "arn:aws:iam::111122223333:role/acme-payments-state-replication")
    error_message = "Who copies must be able to decrypt."
  }
}

run "copies_nowhere_by_default" {
  command = plan

  assert {
    condition     = length(aws_s3_bucket_replication_configuration.state) == 0 && length(aws_iam_role.replication) == 0
    error_message = "Data must stay in the region unless somebody decides otherwise."
  }
}

run "refuses_a_copy_to_anything_but_a_bucket" {
  command = plan

  variables {
    replica = { bucket_arn = "arn:aws:s3:::*", key_arn = "alias/copy" }
  }

  expect_failures = [var.replica]
}

run "refuses_plain_connections" {
  command = plan

  assert {
    condition     = jsondecode(aws_s3_bucket_policy.state.policy).Statement[0].Condition.Bool["aws:SecureTransport"] == "false"
    error_message = "Plain connections must be denied."
  }
}

run "refuses_any_other_key" {
  command = plan

  assert {
    condition = alltrue([
      for sid, key in { OnlyOurKey = "s3:x-amz-server-side-encryption-aws-kms-key-id", NoOtherEncryption = "s3:x-amz-server-side-encryption" } : one([
        for s in jsondecode(aws_s3_bucket_policy.state.policy).Statement : s.Effect == "Deny" && s.Condition.Null[key] == "false" && contains([aws_kms_key.state.arn, "aws:kms"], s.Condition.StringNotEquals[key]) if s.Sid == sid
      ])
    ])
    error_message = "What is not encrypted with our key must be denied, whether another is named or S3's own."
  }
}

run "refuses_a_wildcard_for_a_role" {
  command = plan

  variables {
    writer_role_arns = ["arn:aws:iam::111122223333:role/*"]
  }

  expect_failures = [var.writer_role_arns]
}

run "refuses_to_forget_soon" {
  command = plan

  variables {
    keep_days = 7
  }

  expect_failures = [var.keep_days]
}
