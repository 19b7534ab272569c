# What the module makes of good input. `terraform test` makes and forgets the password.
variables {
  release_url    = "https://example.com/faasd_0.1.0_all.deb"
  release_sha256 = "0000000000000000000000000000000000000000000000000000000000000000"
}

run "makes_a_password_of_63_characters" {
  assert {
    condition     = can(regex("^[0-9a-f]{63}$", output.password))
    error_message = "The password is not 63 hexadecimal digits."
  }

  assert {
    condition     = strcontains(output.user_data, "password='${output.password}'")
    error_message = "The user-data does not hold the password."
  }
}

run "keeps_the_password" {
  variables {
    hostname = "other"
  }

  assert {
    condition     = output.password == run.makes_a_password_of_63_characters.password
    error_message = "A change of the settings changed the password."
  }
}

run "takes_a_given_password" {
  variables {
    password = "given-by-the-user"
  }

  assert {
    condition     = output.password == "given-by-the-user"
    error_message = "The given password was not taken."
  }
}

run "names_nothing_that_is_not_wanted" {
  assert {
    condition     = sort(keys(yamldecode(output.user_data))) == tolist(["runcmd", "write_files"])
    error_message = "There is more than the files and the command."
  }
}

run "fits_into_what_clouds_take" {
  variables {
    ssh_public_keys   = [for index in range(8) : "ssh-ed25519 ${join("", [for _ in range(68) : "A"])} user-${index}@example.com"]
    domain            = "faasd.example.com"
    letsencrypt_email = "admin@example.com"
    hostname          = "faasd"
    swap_size         = "1G"
    data_device       = "/dev/disk/by-id/nvme-Amazon_Elastic_Block_Store_vol0123456789abcdef0 /dev/xvdf"
  }

  assert {
    condition     = length(output.user_data) < 16384
    error_message = "The user-data is larger than the 16 KB that EC2 takes."
  }

  assert {
    condition     = length(yamldecode(output.user_data).ssh_authorized_keys) == 8
    error_message = "The keys are not all there."
  }
}
