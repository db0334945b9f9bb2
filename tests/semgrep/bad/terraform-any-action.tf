data "aws_iam_policy_document" "bad" {
  statement {
    actions   = ["s3:GetObject", "*"]
    resources = ["*"]
  }
}
