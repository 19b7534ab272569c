# What is malformed is refused before anything is made.
variables {
  release_url    = "https://example.com/faasd_0.1.0_all.deb"
  release_sha256 = "0000000000000000000000000000000000000000000000000000000000000000"
}

run "refuses_a_url_with_a_quote" {
  command = plan

  variables {
    release_url = "https://example.com/it's.deb"
  }

  expect_failures = [var.release_url]
}

run "refuses_a_file" {
  command = plan

  variables {
    release_url = "./faasd.deb"
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

run "refuses_images_without_a_checksum" {
  command = plan

  variables {
    images_url = "https://releases.example.com/images.tar"
  }

  expect_failures = [output.user_data]
}

run "refuses_a_short_checksum_of_images" {
  command = plan

  variables {
    images_sha256 = "00"
  }

  expect_failures = [var.images_sha256]
}

run "refuses_the_path_of_images" {
  command = plan

  variables {
    images_url = "/srv/images.tar"
  }

  expect_failures = [var.images_url]
}

run "refuses_a_private_key" {
  command = plan

  variables {
    ssh_public_keys = ["-----BEGIN OPENSSH PRIVATE KEY-----"]
  }

  expect_failures = [var.ssh_public_keys]
}

run "refuses_two_lines_as_one_key" {
  command = plan

  variables {
    ssh_public_keys = ["ssh-ed25519 AAAA a\nssh-ed25519 AAAA b"]
  }

  expect_failures = [var.ssh_public_keys]
}

run "refuses_a_host_name_with_dots" {
  command = plan

  variables {
    hostname = "a.b"
  }

  expect_failures = [var.hostname]
}

run "refuses_a_url_as_domain" {
  command = plan

  variables {
    domain = "https://example.com"
  }

  expect_failures = [var.domain]
}

run "refuses_a_name_as_email" {
  command = plan

  variables {
    letsencrypt_email = "me"
  }

  expect_failures = [var.letsencrypt_email]
}

run "refuses_swap_without_a_unit" {
  command = plan

  variables {
    swap_size = "1024"
  }

  expect_failures = [var.swap_size]
}

run "refuses_a_short_password" {
  command = plan

  variables {
    password = "secret"
  }

  expect_failures = [var.password]
}

run "refuses_a_password_with_a_quote" {
  command = plan

  variables {
    password = "0123456789abcdef'"
  }

  expect_failures = [var.password]
}

run "refuses_a_disk_outside_dev" {
  command = plan

  variables {
    data_device = "/etc/passwd"
  }

  expect_failures = [var.data_device]
}

run "refuses_a_domain_without_an_email" {
  command = plan

  variables {
    domain = "faasd.example.com"
  }

  expect_failures = [output.user_data]
}
