data "aws_iam_policy_document" "ssm" {
  count = var.enable_ssm ? 1 : 0

  statement {
    actions = ["sts:AssumeRole"]

    principals {
      type        = "Service"
      identifiers = ["ec2.amazonaws.com"]
    }
  }
}

data "aws_partition" "current" {}

resource "aws_iam_role" "ssm" {
  count = var.enable_ssm ? 1 : 0

  name_prefix        = "${var.name}-"
  description        = "Lets faasd node ${var.name} register with Systems Manager"
  assume_role_policy = data.aws_iam_policy_document.ssm[0].json
  tags               = merge(local.tags, { Name = var.name })
}

resource "aws_iam_role_policy_attachment" "ssm" {
  count = var.enable_ssm ? 1 : 0

  role       = aws_iam_role.ssm[0].name
  policy_arn = "arn:${data.aws_partition.current.partition}:iam::aws:policy/AmazonSSMManagedInstanceCore"
}

resource "aws_iam_instance_profile" "ssm" {
  count = var.enable_ssm ? 1 : 0

  name_prefix = "${var.name}-"
  role        = aws_iam_role.ssm[0].name
  tags        = merge(local.tags, { Name = var.name })
}
