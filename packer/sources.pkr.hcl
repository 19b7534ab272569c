locals {
  image_name = "${var.name}-${var.version}"
  # The owner of Debian's images: https://wiki.debian.org/Cloud/AmazonEC2Image/Bookworm
  debian_at_aws = "136693071363"
  debian_architecture = {
    x86_64 = "amd64"
    arm64  = "arm64"
  }
}

source "qemu" "node" {
  accelerator      = var.qemu_accelerator
  disk_image       = true
  iso_url          = var.qemu_base
  iso_checksum     = var.qemu_base_checksum
  disk_size        = var.qemu_size
  disk_discard     = "unmap"
  disk_interface   = "virtio"
  net_device       = "virtio-net"
  format           = var.qemu_format
  disk_compression = var.qemu_format == "qcow2"
  memory           = 1024
  cpus             = 2
  headless         = true
  output_directory = var.output
  vm_name          = "${local.image_name}.${var.qemu_format}"
  boot_wait        = "1s"

  # cloud-init's seed: it lets Packer in, and is on no disk that stays.
  cd_files             = ["${var.qemu_seed}/user-data", "${var.qemu_seed}/meta-data"]
  cd_label             = "cidata"
  ssh_username         = "debian"
  ssh_private_key_file = "${var.qemu_seed}/key"
  ssh_timeout          = "30m"
  # The right to be root goes last; see provision/90-clean.
  shutdown_command = "sudo sh -c 'rm -f /etc/sudoers.d/90-cloud-init-users; exec shutdown -P now'"
  shutdown_timeout = "15m"

  qemuargs = [
    ["-cpu", var.qemu_cpu],
    ["-device", "virtio-rng-pci"],
    ["-serial", "file:${var.qemu_seed}/console"],
  ]
}

source "amazon-ebs" "node" {
  region                  = var.aws_region
  custom_endpoint_ec2     = var.aws_endpoint
  skip_region_validation  = var.aws_endpoint != ""
  skip_metadata_api_check = var.aws_endpoint != ""
  instance_type           = var.aws_instance_type
  subnet_id               = var.aws_subnet_id
  ssh_username            = "admin"
  ssh_timeout             = "15m"
  ami_name                = local.image_name
  ami_description         = "faasd ${var.version} on Debian 12"
  ena_support             = true
  encrypt_boot            = var.aws_encrypt

  source_ami_filter {
    owners      = [local.debian_at_aws]
    most_recent = true
    filters = {
      name                = "debian-12-${local.debian_architecture[var.aws_architecture]}-*"
      architecture        = var.aws_architecture
      root-device-type    = "ebs"
      virtualization-type = "hvm"
    }
  }

  launch_block_device_mappings {
    device_name           = "/dev/xvda"
    volume_size           = 8
    volume_type           = "gp2"
    delete_on_termination = true
  }

  tags = {
    Name  = local.image_name
    faasd = var.version
  }

  run_tags = {
    Name = "${local.image_name} (Packer)"
  }
}

source "digitalocean" "node" {
  api_token     = var.do_token
  region        = var.do_region
  size          = var.do_size
  image         = "debian-12-x64"
  ssh_username  = "root"
  snapshot_name = local.image_name
  tags          = ["faasd"]
}
