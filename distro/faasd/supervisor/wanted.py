"""From the file to what is wanted of the node: everything checked before anything is touched."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from faasd.base.errors import FaasdError
from faasd.base.names import CORE_NAMESPACE
from faasd.node.domain.container import TaskState
from faasd.node.open import Node
from faasd.node.workloads.images import Images
from faasd.supervisor.compose.load import load_compose
from faasd.supervisor.compose.spec import to_spec
from faasd.supervisor.compose.values import CoreService
from faasd.supervisor.decide import Wanted
from faasd.supervisor.images import ensure_image
from faasd.supervisor.mounts import make_sources
from faasd.supervisor.nftables import check_free


@dataclass(frozen=True, slots=True, kw_only=True)
class SupervisorSettings:
    """What `faasd up` is told.

    Attributes:
        compose_file: docker-compose.yaml.
        archives: directory of the images that `distro/core-image` built.
        variables: what ``${NAME}`` in the file stands for.
    """

    compose_file: Path
    archives: Path
    variables: Mapping[str, str] = field(default_factory=dict)


def read_wanted(settings: SupervisorSettings, node: Node) -> tuple[Wanted, ...]:
    """Return the services of the file in start order, their images on the node.

    Ports on which a service that runs already may itself listen are not asked for.

    Raises:
        InvalidInput, NotFound: the file is malformed or missing.
        Unsatisfiable, InUse: an image or a mounted file is missing, or a port is taken.
        Unavailable, NoRoom: an image cannot be had now.
    """
    file = settings.compose_file.absolute()
    services = load_compose(file, settings.variables)
    own = {one.id for one in node.workloads.list(CORE_NAMESPACE) if one.state is TaskState.RUNNING}
    check_free([one for one in services if not (one.host_network and one.name in own)])
    wanted = tuple(_wanted(service, settings, node.images) for service in services)
    for each in wanted:
        make_sources(each.spec)
    return wanted


def _wanted(service: CoreService, settings: SupervisorSettings, images: Images) -> Wanted:
    try:
        image = ensure_image(images, service, settings.archives)
    except FaasdError as error:
        # The same error, but it also says of which service.
        raise type(error)(f"service {service.name}: image: {error}", field=error.field) from error
    directory = settings.compose_file.absolute().parent
    return Wanted(service=service, spec=to_spec(service, directory, image))
