locals {
  tags = merge(var.tags, { faasd = var.name })

  key_file        = pathexpand(var.ssh_key_file)
  key_of_file     = fileexists(local.key_file) ? [trimspace(file(local.key_file))] : []
  ssh_public_keys = length(var.ssh_public_keys) > 0 ? var.ssh_public_keys : local.key_of_file

  # An instance of the Nitro system shows the volume by its ID, an older one by the name of its
  # attachment.
  data_device = var.data_volume_size == 0 ? "" : join(" ", [
    "/dev/disk/by-id/nvme-Amazon_Elastic_Block_Store_${replace(aws_ebs_volume.data[0].id, "-", "")}",
    "/dev/xvdf",
  ])
}

module "config" {
  source = "../modules/node-config"

  release_url       = var.release_url
  release_sha256    = var.release_sha256
  images_url        = var.images_url
  images_sha256     = var.images_sha256
  ssh_public_keys   = local.ssh_public_keys
  hostname          = var.name
  domain            = var.domain
  letsencrypt_email = var.letsencrypt_email
  swap_size         = var.swap_size
  password          = var.password
  data_device       = local.data_device
}

data "aws_ec2_instance_type" "node" {
  instance_type = var.instance_type
}

data "aws_ami" "node" {
  most_recent = true
  # 136693071363 is Debian's account: https://wiki.debian.org/Cloud/AmazonEC2Image/Bookworm
  owners = [var.ami_name == null ? "136693071363" : "self"]

  filter {
    name   = "name"
    values = [var.ami_name == null ? "debian-12-*" : var.ami_name]
  }

  filter {
    name   = "architecture"
    values = [for one in data.aws_ec2_instance_type.node.supported_architectures : one if contains(["x86_64", "arm64"], one)]
  }

  filter {
    name   = "state"
    values = ["available"]
  }
}

resource "aws_instance" "node" {
  # checkov:skip=CKV_AWS_135: ebs_optimized is set to what the type can do, which the scan cannot see
  # checkov:skip=CKV_AWS_126: detailed monitoring costs money and says nothing that the node's own metrics do not
  ami                    = data.aws_ami.node.id
  instance_type          = var.instance_type
  subnet_id              = data.aws_subnet.node.id
  vpc_security_group_ids = [aws_security_group.node.id]
  iam_instance_profile   = var.enable_ssm ? aws_iam_instance_profile.ssm[0].name : null
  ebs_optimized          = data.aws_ec2_instance_type.node.ebs_optimized_support != "unsupported"

  # cloud-init reads it on the first boot only: on a running instance a change would do nothing,
  # silently. So a change makes a new instance, and the data volume keeps functions and login.
  user_data                   = module.config.user_data
  user_data_replace_on_change = true

  metadata_options {
    http_tokens = "required"
    # The user-data holds the password: one hop, so that functions' containers do not get it.
    http_put_response_hop_limit = 1
  }

  root_block_device {
    volume_type = "gp3"
    volume_size = var.root_volume_size
    encrypted   = true
    tags        = merge(local.tags, { Name = "${var.name} root" })
  }

  tags = merge(local.tags, { Name = var.name })

  lifecycle {
    # Debian publishes an image every few weeks; that alone must replace no node, apt keeps it up
    # to date. `terraform apply -replace=aws_instance.node` takes the newest one.
    ignore_changes = [ami]

    precondition {
      condition     = length(local.ssh_public_keys) > 0
      error_message = "There is no file ${var.ssh_key_file}. Set ssh_key_file to your public key, or ssh_public_keys."
    }
  }
}

resource "aws_ebs_volume" "data" {
  # checkov:skip=CKV_AWS_189: encrypted with the account's own key; a key of yours is the account's default (EC2 settings)
  count = var.data_volume_size == 0 ? 0 : 1

  availability_zone = data.aws_subnet.node.availability_zone
  type              = "gp3"
  size              = var.data_volume_size
  encrypted         = true
  tags              = merge(local.tags, { Name = "${var.name} data" })
}

resource "aws_volume_attachment" "data" {
  count = var.data_volume_size == 0 ? 0 : 1

  device_name = "/dev/sdf"
  volume_id   = aws_ebs_volume.data[0].id
  instance_id = aws_instance.node.id
  # The old instance writes its last before the new one has the volume.
  stop_instance_before_detaching = true
}
