# What is malformed is refused, and what is made follows the variables. The provider is mocked.
mock_provider "digitalocean" {
  mock_resource "digitalocean_droplet" {
    defaults = {
      id = "4711"
    }
  }

  mock_resource "digitalocean_reserved_ip" {
    defaults = {
      ip_address = "203.0.113.9"
    }
  }
}

variables {
  release_url     = "https://example.com/faasd_0.1.0_all.deb"
  release_sha256  = "0000000000000000000000000000000000000000000000000000000000000000"
  ssh_public_keys = ["ssh-ed25519 AAAA me@example.com"]
}

run "refuses_a_name_in_capitals" {
  command = plan

  variables {
    name = "Node"
  }

  expect_failures = [var.name]
}

run "refuses_a_url_that_is_no_url" {
  command = plan

  variables {
    release_url = "faasd.deb"
  }

  expect_failures = [var.release_url]
}

run "refuses_a_short_checksum" {
  command = plan

  variables {
    release_sha256 = "00"
  }

  expect_failures = [var.release_sha256]
}

run "refuses_an_address_without_a_mask_for_ssh" {
  command = plan

  variables {
    ssh_cidrs = ["198.51.100.7"]
  }

  expect_failures = [var.ssh_cidrs]
}

run "refuses_a_word_for_the_web" {
  command = plan

  variables {
    web_cidrs = ["everyone"]
  }

  expect_failures = [var.web_cidrs]
}

run "refuses_an_address_without_a_mask_for_the_gateway" {
  command = plan

  variables {
    gateway_cidrs = ["198.51.100.7"]
  }

  expect_failures = [var.gateway_cidrs]
}

run "refuses_half_a_gigabyte" {
  command = plan

  variables {
    data_volume_size = 0.5
  }

  expect_failures = [var.data_volume_size]
}

run "refuses_a_tag_with_a_space" {
  command = plan

  variables {
    tags = ["my tag"]
  }

  expect_failures = [var.tags]
}

run "refuses_a_region_of_another_cloud" {
  command = plan

  variables {
    do_region = "eu-central-1"
  }

  expect_failures = [var.do_region]
}

run "refuses_a_word_as_size" {
  command = plan

  variables {
    do_size = "Small"
  }

  expect_failures = [var.do_size]
}

run "refuses_another_system" {
  command = plan

  variables {
    do_image = "ubuntu-22-04-x64"
  }

  expect_failures = [var.do_image]
}

run "refuses_a_url_as_domain" {
  command = plan

  variables {
    do_domain = "https://example.com"
  }

  expect_failures = [var.do_domain]
}

run "refuses_an_underscore_in_the_subdomain" {
  command = plan

  variables {
    do_subdomain = "my_node"
  }

  expect_failures = [var.do_subdomain]
}

run "refuses_a_record_without_a_domain" {
  command = plan

  variables {
    do_create_record = true
  }

  expect_failures = [digitalocean_record.node]
}

run "opens_only_the_doors_that_are_asked_for" {
  variables {
    ssh_cidrs = ["198.51.100.7/32"]
  }

  assert {
    condition     = sort([for rule in digitalocean_firewall.node.inbound_rule : rule.port_range]) == tolist(["22", "443", "80"])
    error_message = "Other doors are open than SSH, HTTP and HTTPS."
  }

  assert {
    condition     = digitalocean_firewall.node.droplet_ids == toset([4711])
    error_message = "The firewall is not the droplet's."
  }
}

run "is_reached_by_its_domain" {
  variables {
    do_domain         = "example.com"
    do_create_record  = true
    letsencrypt_email = "admin@example.com"
  }

  assert {
    condition     = output.gateway_url == "https://faasd.example.com"
    error_message = "The gateway's URL is not that of the domain."
  }

  assert {
    condition     = digitalocean_record.node[0].value == "203.0.113.9" && output.droplet_ip == "203.0.113.9"
    error_message = "The record does not lead to the reserved IP."
  }

  assert {
    condition     = strcontains(digitalocean_droplet.node.user_data, "domain='faasd.example.com'")
    error_message = "The droplet's user-data does not know the domain."
  }
}

run "waits_for_its_data_volume_by_name" {
  variables {
    name = "edge"
  }

  assert {
    condition     = strcontains(digitalocean_droplet.node.user_data, "data_device='/dev/disk/by-id/scsi-0DO_Volume_${digitalocean_volume.data[0].name}'")
    error_message = "The droplet does not wait for the volume that it gets."
  }

  assert {
    condition     = output.gateway_url == "http://203.0.113.9:8080"
    error_message = "Without a domain the gateway is not on port 8080."
  }
}

run "makes_no_volume_where_none_is_wanted" {
  variables {
    data_volume_size = 0
  }

  assert {
    condition     = length(digitalocean_volume.data) + length(digitalocean_volume_attachment.data) == 0
    error_message = "There is a volume all the same."
  }
}

run "refuses_a_key_file_that_is_not_there" {
  command = plan

  variables {
    ssh_public_keys = []
    ssh_key_file    = "./missing.pub"
  }

  expect_failures = [digitalocean_droplet.node]
}
