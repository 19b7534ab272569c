"""`faasd cloud-config`: the user-data of a server."""

from pathlib import Path

import click

_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.group(name="cloud-config")
def cloud_config() -> None:
    """The text that makes a fresh server a node on its first boot (cloud-init's user-data)."""


@cloud_config.command()
@click.option("--release-url", required=True, help="Where faasd_VERSION_all.deb is.")
@click.option("--sha256", required=True, help="SHA-256 of that file.")
@click.option("--images-url", default="", help="Where core images are, built elsewhere.")
@click.option("--images-sha256", default="", help="SHA-256 of that file.")
@click.option("--ssh-key", "ssh_keys", multiple=True, type=_FILE, help="File with a public key.")
@click.option("--hostname", default="", help="The server's name.")
@click.option("--domain", default="", help="Domain for HTTPS; it must point to the server.")
@click.option("--email", default="", help="E-mail for Let's Encrypt.")
@click.option("--swap", default="", help="Size of a swap file, like 512M.")
@click.option("--firewall/--no-firewall", default=True, help="A firewall on the server itself.")
@click.option("--data-device", default="", help="Disk for functions and login, like /dev/sdb.")
def render(  # noqa: PLR0913, PLR0917
    release_url: str,
    sha256: str,
    images_url: str,
    images_sha256: str,
    ssh_keys: tuple[Path, ...],
    hostname: str,
    domain: str,
    email: str,
    swap: str,
    firewall: bool,  # noqa: FBT001
    data_device: str,
) -> None:
    """Print the text, to paste into a provider's form for user-data."""
    from faasd.cloud.config import NodeConfig
    from faasd.cloud.trees import read_template
    from faasd.cloud.user_data import render_user_data

    config = NodeConfig(
        release_url=release_url,
        release_sha256=sha256,
        images_url=images_url,
        images_sha256=images_sha256,
        ssh_public_keys=tuple(key.read_text().strip() for key in ssh_keys),
        hostname=hostname,
        domain=domain,
        letsencrypt_email=email,
        swap_size=swap,
        firewall=firewall,
        data_device=data_device,
    )
    print(render_user_data(read_template(), config), end="")


@cloud_config.command()
def blank() -> None:
    """Print the text with the settings to fill in: `cloud-init/cloud-config.txt`."""
    from faasd.cloud.trees import find_trees, read_template
    from faasd.cloud.user_data import render_blank

    machine = (find_trees() / "cloud-init" / "machine.txt").read_text()
    print(render_blank(read_template(), machine), end="")
