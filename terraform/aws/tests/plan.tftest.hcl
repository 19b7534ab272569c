# What is malformed is refused before AWS is asked.
mock_provider "aws" {
  mock_data "aws_ec2_instance_type_offerings" {
    defaults = {
      locations = ["eu-central-1a"]
    }
  }

  mock_data "aws_subnets" {
    defaults = {
      ids = ["subnet-0123456789abcdef0"]
    }
  }

  mock_data "aws_ec2_instance_type" {
    defaults = {
      supported_architectures = ["x86_64"]
      ebs_optimized_support   = "default"
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

run "refuses_a_checksum_in_capitals" {
  command = plan

  variables {
    release_sha256 = "ABCDEF0000000000000000000000000000000000000000000000000000000000"
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

run "refuses_a_url_as_domain" {
  command = plan

  variables {
    domain = "https://example.com"
  }

  expect_failures = [var.domain]
}

run "refuses_half_a_gigabyte" {
  command = plan

  variables {
    data_volume_size = 0.5
  }

  expect_failures = [var.data_volume_size]
}

run "refuses_a_size_as_instance_type" {
  command = plan

  variables {
    instance_type = "large"
  }

  expect_failures = [var.instance_type]
}

run "refuses_a_name_as_subnet" {
  command = plan

  variables {
    subnet_id = "my-subnet"
  }

  expect_failures = [var.subnet_id]
}

run "refuses_a_root_volume_too_small_for_images" {
  command = plan

  variables {
    root_volume_size = 4
  }

  expect_failures = [var.root_volume_size]
}

run "refuses_a_domain_as_zone" {
  command = plan

  variables {
    route53_zone_id = "example.com"
  }

  expect_failures = [var.route53_zone_id]
}

run "refuses_a_record_without_a_domain" {
  command = plan

  variables {
    route53_zone_id = "Z0123456789ABCDEFGHIJ"
  }

  expect_failures = [aws_route53_record.node]
}

run "refuses_an_instance_type_that_the_region_does_not_offer" {
  command = plan

  override_data {
    target = data.aws_ec2_instance_type_offerings.zones
    values = {
      locations = []
    }
  }

  expect_failures = [data.aws_ec2_instance_type_offerings.zones]
}

run "opens_no_door_that_is_not_asked_for" {
  command = plan

  assert {
    condition     = tolist(keys(aws_vpc_security_group_ingress_rule.node)) == tolist(["443 from 0.0.0.0/0", "80 from 0.0.0.0/0"])
    error_message = "More than HTTP and HTTPS is open."
  }

  assert {
    condition     = length(aws_route53_record.node) + length(aws_iam_role.ssm) == 0
    error_message = "A record or a role is made that nobody asked for."
  }
}

run "takes_no_data_volume_where_none_is_wanted" {
  command = plan

  variables {
    data_volume_size = 0
  }

  assert {
    condition     = length(aws_ebs_volume.data) + length(aws_volume_attachment.data) == 0
    error_message = "There is a data volume all the same."
  }
}

run "refuses_a_key_file_that_is_not_there" {
  command = plan

  variables {
    ssh_public_keys = []
    ssh_key_file    = "./missing.pub"
  }

  expect_failures = [aws_instance.node]
}
