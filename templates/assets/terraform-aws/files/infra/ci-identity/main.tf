# Two roles and no stored key: one reads, to plan; one writes, to apply.
resource "aws_iam_role" "ci" {
  for_each = local.trust

  name                 = "${var.name}-ci-${each.key}"
  description          = "CI of ${var.name}: ${each.key} in the environment ${local.environments[each.key]}"
  assume_role_policy   = jsonencode(each.value)
  permissions_boundary = var.permissions_boundary_arn
  max_session_duration = 3600
  tags                 = var.tags
}

resource "aws_iam_role_policy" "ci" {
  for_each = local.permissions

  name   = each.key
  role   = aws_iam_role.ci[each.key].name
  policy = jsonencode(each.value)
}

resource "aws_iam_role_policy_attachment" "describe" {
  for_each = {
    for pair in setproduct(keys(local.trust), var.describe_policy_arns) : "${pair[0]} ${pair[1]}" => pair
  }

  role       = aws_iam_role.ci[each.value[0]].name
  policy_arn = each.value[1]
}
