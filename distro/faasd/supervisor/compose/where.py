"""Where in a compose file something stands, and the errors that say so."""

from dataclasses import dataclass, replace

from faasd.base.errors import InvalidInput


@dataclass(frozen=True, slots=True, kw_only=True)
class Where:
    """A place in a compose file: ``docker-compose.yaml: service nats: ports[0]``."""

    file: str
    service: str = ""
    key: str = ""

    def at(self, key: str) -> "Where":
        """Return the place of a key below this one."""
        return replace(self, key=f"{self.key}.{key}" if self.key else key)

    def item(self, number: int) -> "Where":
        """Return the place of a list's item, from 0."""
        return replace(self, key=f"{self.key}[{number}]")

    def wrong(self, problem: str) -> InvalidInput:
        """Return the error that something here is wrong; `problem` continues the place."""
        service = f"service {self.service}: " if self.service else ""
        said = f"{self.key} {problem}" if self.key else problem
        return InvalidInput(f"{self.file}: {service}{said}", field=self.key)
