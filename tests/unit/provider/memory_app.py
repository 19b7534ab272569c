"""What gunicorn serves in tests: the provider on an in-memory machine, started by a file's path.

It stands for `provider_app.wsgi`, and is registered under that name for `worker_exit`.
"""

import os
import sys

from faasd.node.adapters.memory.images import make_layout
from faasd.node.adapters.memory.world import MemoryWorld
from faasd.node.open import open_memory_node
from provider_app.api.parts import parts_of
from provider_app.app import create_app
from provider_app.config import read_config
from provider_app.services.provider import Provider

world = MemoryWorld()
for program in ("serve", "silent", "exit"):
    layout = make_layout(f"docker.io/library/{program}:latest", [f"/bin/{program}"])
    world.registry[layout.name] = layout


class EndingProvider(Provider):
    """Ends its machine with itself, as no real one does."""

    def close(self) -> None:
        super().close()
        world.shut_down()


provider = EndingProvider(open_memory_node(world), read_config(os.environ))
app = create_app(parts_of(provider, None))
sys.modules["provider_app.wsgi"] = sys.modules[__name__]
