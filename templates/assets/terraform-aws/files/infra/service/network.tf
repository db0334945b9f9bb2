# Closed but for the load balancer in, and named networks out.
resource "aws_security_group" "service" {
  name        = var.name
  description = "Tasks of ${var.name}"
  vpc_id      = var.vpc_id
  tags        = var.tags
}

resource "aws_vpc_security_group_ingress_rule" "load_balancer" {
  security_group_id            = aws_security_group.service.id
  description                  = "Requests from the load balancer"
  referenced_security_group_id = var.load_balancer_security_group_id
  ip_protocol                  = "tcp"
  from_port                    = local.port
  to_port                      = local.port
}

resource "aws_vpc_security_group_egress_rule" "tls" {
  for_each = var.egress_cidrs

  security_group_id = aws_security_group.service.id
  description       = "TLS to ${each.key}"
  cidr_ipv4         = each.value
  ip_protocol       = "tcp"
  from_port         = 443
  to_port           = 443
}

# A gateway endpoint has addresses of AWS's, behind one name. ECR keeps the layers of images in S3.
resource "aws_vpc_security_group_egress_rule" "gateway" {
  for_each = var.egress_prefix_lists

  security_group_id = aws_security_group.service.id
  description       = "TLS to ${each.key}"
  prefix_list_id    = each.value
  ip_protocol       = "tcp"
  from_port         = 443
  to_port           = 443
}
