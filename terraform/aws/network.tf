data "aws_vpc" "default" {
  count   = var.subnet_id == null ? 1 : 0
  default = true
}

data "aws_subnets" "default" {
  count = var.subnet_id == null ? 1 : 0

  filter {
    name   = "vpc-id"
    values = [data.aws_vpc.default[0].id]
  }

  filter {
    name   = "default-for-az"
    values = ["true"]
  }

  # Not every availability zone has every type.
  filter {
    name   = "availability-zone"
    values = data.aws_ec2_instance_type_offerings.zones.locations
  }

  lifecycle {
    postcondition {
      condition     = length(self.ids) > 0
      error_message = "The default VPC of this region has no subnet where ${var.instance_type} is offered. Set subnet_id, or take another instance_type."
    }
  }
}

data "aws_ec2_instance_type_offerings" "zones" {
  location_type = "availability-zone"

  filter {
    name   = "instance-type"
    values = [var.instance_type]
  }

  lifecycle {
    postcondition {
      condition     = length(self.locations) > 0
      error_message = "This region does not offer ${var.instance_type}. Take another instance_type or region."
    }
  }
}

# The one that is used; it says in which VPC and zone.
data "aws_subnet" "node" {
  id = var.subnet_id == null ? sort(data.aws_subnets.default[0].ids)[0] : var.subnet_id
}

resource "aws_security_group" "node" {
  name_prefix = "${var.name}-"
  description = "faasd node ${var.name}"
  vpc_id      = data.aws_subnet.node.vpc_id
  tags        = merge(local.tags, { Name = var.name })

  lifecycle {
    create_before_destroy = true
  }
}

locals {
  doors = {
    22   = { cidrs = var.ssh_cidrs, what = "SSH" }
    80   = { cidrs = var.web_cidrs, what = "HTTP, leads to HTTPS" }
    443  = { cidrs = var.web_cidrs, what = "HTTPS" }
    8080 = { cidrs = var.gateway_cidrs, what = "Gateway, plain HTTP" }
  }

  ingress = merge([
    for port, door in local.doors : {
      for cidr in toset(door.cidrs) : "${port} from ${cidr}" => {
        port = tonumber(port), cidr = cidr, what = door.what
      }
    }
  ]...)
}

resource "aws_vpc_security_group_ingress_rule" "node" {
  for_each = local.ingress

  security_group_id = aws_security_group.node.id
  description       = each.value.what
  ip_protocol       = "tcp"
  from_port         = each.value.port
  to_port           = each.value.port
  cidr_ipv4         = strcontains(each.value.cidr, ":") ? null : each.value.cidr
  cidr_ipv6         = strcontains(each.value.cidr, ":") ? each.value.cidr : null
  tags              = merge(local.tags, { Name = "${var.name} ${each.key}" })
}

# Functions call whom they like; apt and registries are at no fixed addresses.
resource "aws_vpc_security_group_egress_rule" "node" {
  for_each = { ipv4 = "0.0.0.0/0", ipv6 = "::/0" }

  security_group_id = aws_security_group.node.id
  description       = "Everywhere"
  ip_protocol       = "-1"
  cidr_ipv4         = each.key == "ipv4" ? each.value : null
  cidr_ipv6         = each.key == "ipv6" ? each.value : null
  tags              = merge(local.tags, { Name = "${var.name} ${each.key}" })
}

resource "aws_eip" "node" {
  domain = "vpc"
  tags   = merge(local.tags, { Name = var.name })
}

resource "aws_eip_association" "node" {
  instance_id   = aws_instance.node.id
  allocation_id = aws_eip.node.id
}

resource "aws_route53_record" "node" {
  count = var.route53_zone_id == null ? 0 : 1

  zone_id = var.route53_zone_id
  name    = var.domain
  type    = "A"
  ttl     = 300
  records = [aws_eip.node.public_ip]

  lifecycle {
    precondition {
      condition     = var.domain != ""
      error_message = "route53_zone_id is set, but domain is not: name the record to make."
    }
  }
}
