# One way to a node for all three; docs/images.md says how it is used.
build {
  sources = [
    "source.qemu.node",
    "source.amazon-ebs.node",
    "source.digitalocean.node",
  ]

  # cloud-init of the base still writes to the machine for a while after it lets Packer in.
  provisioner "shell" {
    inline = [
      "! command -v cloud-init >/dev/null || cloud-init status --wait >/dev/null || true",
      "cd /tmp && mkdir -p faasd-image/release faasd-image/provision faasd-image/archives",
    ]
  }

  provisioner "file" {
    source      = "${var.release}/"
    destination = "/tmp/faasd-image/release/"
  }

  provisioner "file" {
    source      = "packer/provision/"
    destination = "/tmp/faasd-image/provision/"
  }

  provisioner "file" {
    source      = var.stack
    destination = "/tmp/faasd-image/stack.yml"
  }

  provisioner "file" {
    source      = "${var.archives}/"
    destination = "/tmp/faasd-image/archives/"
  }

  provisioner "shell" {
    execute_command = "sudo -n env {{ .Vars }} bash {{ .Path }}"
    inline          = ["exec bash /tmp/faasd-image/provision/provision"]
  }

  provisioner "file" {
    direction   = "download"
    source      = "/tmp/faasd-image/out/sbom.cdx.json"
    destination = "${var.output}.sbom.cdx.json"
  }

  provisioner "file" {
    direction   = "download"
    source      = "/tmp/faasd-image/out/about.json"
    destination = "${var.output}.about.json"
  }

  provisioner "shell" {
    environment_vars = ["FAASD_IMAGE_SOURCE=${source.type}"]
    execute_command  = "sudo -n env {{ .Vars }} bash {{ .Path }}"
    inline           = ["exec bash /tmp/faasd-image/provision/90-clean"]
  }

  post-processors {
    post-processor "manifest" {
      output = "${var.output}.packer.json"
    }

    post-processor "shell-local" {
      inline = ["python3 packer/manifest.py '${var.output}'"]
    }
  }
}
