locals {
  doors = {
    22   = var.ssh_cidrs
    80   = var.web_cidrs
    443  = var.web_cidrs
    8080 = var.gateway_cidrs
  }
}

resource "digitalocean_firewall" "node" {
  name        = var.name
  droplet_ids = [digitalocean_droplet.node.id]

  dynamic "inbound_rule" {
    for_each = { for port, cidrs in local.doors : port => cidrs if length(cidrs) > 0 }

    content {
      protocol         = "tcp"
      port_range       = inbound_rule.key
      source_addresses = inbound_rule.value
    }
  }

  # Functions call whom they like; apt and registries are at no fixed addresses.
  dynamic "outbound_rule" {
    for_each = ["tcp", "udp"]

    content {
      protocol              = outbound_rule.value
      port_range            = "1-65535"
      destination_addresses = ["0.0.0.0/0", "::/0"]
    }
  }

  outbound_rule {
    protocol              = "icmp"
    destination_addresses = ["0.0.0.0/0", "::/0"]
  }
}

resource "digitalocean_reserved_ip" "node" {
  region = var.do_region
}

resource "digitalocean_reserved_ip_assignment" "node" {
  ip_address = digitalocean_reserved_ip.node.ip_address
  droplet_id = digitalocean_droplet.node.id
}

resource "digitalocean_record" "node" {
  count = var.do_create_record ? 1 : 0

  domain = var.do_domain
  type   = "A"
  name   = var.do_subdomain
  value  = digitalocean_reserved_ip.node.ip_address
  ttl    = 300

  lifecycle {
    precondition {
      condition     = var.do_domain != ""
      error_message = "do_create_record is set, but do_domain is not: name the domain to make the record in."
    }
  }
}
