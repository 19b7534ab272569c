"""HAProxy's configuration as text. Pure; docs/router.md says why each part is as it is."""

import hashlib
from collections.abc import Iterator

from faasd.base import node_answer
from faasd.base.names import DEFAULT_FUNCTION_NAMESPACE
from faasd.router.layout import Layout
from faasd.router.pool import backend_names, slot_names
from faasd.router.sentences import ERRORS, UNKNOWN_FUNCTION, UNKNOWN_PATH, sentence
from faasd.router.settings import RouterSettings
from faasd.router.wanted import map_entries

LOG_FORMAT = (
    "request %[var(txn.function)] %ST %Ta %Tq %Tw %Tc %Tr %ts %rc %b %s %[var(txn.call_id),json]"
)
"""Space-separated; times in ms: whole, until the headers, in the queue, to connect, to answer."""

CALL_ID_MOST = 128
_DOTS = r"(^|/|\\|%2f|%5c)(\.|%2e){1,2}(/|\\|%2f|%5c|$)"
_HOST = r"^(\[[0-9A-Fa-f:.]+\]|[-A-Za-z0-9._~]+)(:[0-9]{1,5})?$"
_FREE_SLOT = "0.0.0.0:0"

FUNCTION_HEADER = "X-Faasd-Function"
"""Tells the activator, which sees no more of the path than the function does, whom to wake."""

_DEFAULT_NAME = f"%[var(txn.function)].{DEFAULT_FUNCTION_NAMESPACE}"
_ACTIVATOR = "no-check maxconn 0 pool-max-conn 0"
"""No connection is kept to it: each is spliced to the replica it leads to."""

_UNKNOWN = f"hdr {node_answer.ANSWER_HEADER} {node_answer.UNKNOWN_FUNCTION} lf-string"


def render_config(settings: RouterSettings, layout: Layout) -> str:
    """Return haproxy.cfg with the layout's endpoints in it, so that HAProxy starts warm."""
    return "\n".join((render_head(settings), *_function_backends(settings, layout)))


def render_head(settings: RouterSettings) -> str:
    """Return what haproxy.cfg begins with: all that only a reload can change.

    HAProxy tells its `description` back (`show info`): so it says what it was started with.
    """
    key = settings_key(settings)
    return _head(settings).replace("\nglobal\n", f"\nglobal\n  description {key}\n", 1)


def settings_key(settings: RouterSettings) -> str:
    """Return a key that is another for a configuration that differs in more than routes."""
    return hashlib.sha256(_head(settings).encode()).hexdigest()[:16]


def _head(settings: RouterSettings) -> str:
    sections = (
        _global(settings),
        _base(settings),
        _front(settings),
        _fixed_backends(settings),
        _waking(settings),
        _function_defaults(settings),
    )
    return "\n".join(sections)


def render_map(layout: Layout) -> str:
    """Return the map file: ``NAME BACKEND`` a line, in order."""
    return "".join(f"{key} {backend}\n" for key, backend in sorted(map_entries(layout.functions)))


def _global(settings: RouterSettings) -> str:
    limits = settings.limits
    threads = f"  nbthread {settings.threads}\n" if settings.threads else ""
    return f"""\
# Written by faasd; changes here are lost at the next deploy.
global
{threads}  maxconn {2 * limits.connections}
  stats socket {settings.admin_socket} mode {settings.socket_mode} level admin expose-fd listeners
  stats timeout 30s
  hard-stop-after {limits.linger_seconds}s
  log {settings.failures_socket} len 512 format raw local0 err
  log {settings.sample_socket} len 512 format raw sample 1:{settings.sample} local1 info
  spread-checks 20
  tune.bufsize {limits.header_bytes + 1024}
  tune.maxrewrite 1024
  tune.http.maxhdr {limits.header_count}
"""


def _base(settings: RouterSettings) -> str:
    limits = settings.limits
    errors = "\n".join(
        f"  http-error status {code} content-type text/plain lf-string {sentence(text)}"
        for code, text in ERRORS.items()
    )
    return f"""\
defaults base
  mode http
  log global
  log-format "{LOG_FORMAT}"
  option log-separate-errors
  maxconn {limits.connections}
  timeout connect 3s
  timeout client {limits.read_seconds}s
  timeout server {limits.service_seconds}s
  timeout http-request {limits.header_seconds}s
  timeout http-keep-alive {limits.keep_alive_seconds}s
  timeout queue {limits.queue_seconds}s
  timeout tunnel {limits.tunnel_seconds}s
  option http-keep-alive
  option idle-close-on-response
  option abortonclose
  option http-no-delay
  option redispatch 1
  retries 3
  retry-on conn-failure empty-response
  http-reuse safe
{errors}
"""


def _front(settings: RouterSettings) -> str:
    binds = "\n".join(f"  bind {bind}" for bind in settings.binds)
    return f"""\
frontend front from base
{binds}
  bind unix@{settings.successor_socket} mode {settings.socket_mode} accept-proxy

  http-request set-var(txn.call_id) req.hdr(x-call-id)
  http-request set-var(txn.call_id) uuid() unless {{ var(txn.call_id) -m len 1:{CALL_ID_MOST} }}
  http-request set-var(txn.start) date(0,us)
  acl has_host req.hdr(host) -m found
{_refusals(settings)}
  http-request set-var(txn.function) path,field(3,/) if {{ path_beg /function/ }}
  http-request set-var(txn.backend) var(txn.function),map({settings.map_file})
  acl upgrades req.hdr(connection) -i -m str upgrade
  http-request set-header Connection upgrade if upgrades
  http-request del-header Connection unless upgrades
  http-request del-header Upgrade unless upgrades
  http-request del-header Keep-Alive
  http-request del-header Proxy-Connection
  http-request del-header Proxy-Authorization
  http-request del-header TE
  http-request set-header X-Call-Id %[var(txn.call_id)]
  http-request set-header X-Start-Time %[var(txn.start)]000
  http-request disable-l7-retry unless METH_GET or {{ method HEAD OPTIONS }}
  http-request disable-l7-retry if {{ req.body_size gt 0 }}
  http-request disable-l7-retry if {{ req.hdr(transfer-encoding) -m found }}

  http-response set-log-level err unless {{ status 200 }}
  http-after-response set-var(txn.took) date(0,us),sub(txn.start)
  http-after-response set-header X-Call-Id %[var(txn.call_id)] if {{ var(txn.call_id) -m found }}
  http-after-response set-header X-Start-Time %[var(txn.start)]000 if {{ var(txn.start) -m found }}
  http-after-response set-header X-Duration-Seconds {_SECONDS} if {{ var(txn.start) -m found }}

  use_backend successor if {{ stopping }}
  use_backend %[var(txn.backend)] if {{ var(txn.backend) -m found }}
  use_backend unknown_function if {{ path_beg /function/ }}
  use_backend gateway if {{ path_beg /system/ /async-function/ /ui/ }}
  use_backend gateway if {{ path {_paths(settings)} }}
  default_backend unknown_path
"""


_SECONDS = (
    "%[var(txn.took),div(1000000)].%[var(txn.took),mod(1000000),add(1000000),concat(),bytes(1)]"
)
"""Microseconds as seconds with six decimals: the leading 1 that keeps the zeros is cut off."""


def _refusals(settings: RouterSettings) -> str:
    lines = [
        "deny deny_status 400 if { req.hdr_cnt(host) gt 1 }",
        "deny deny_status 400 if !HTTP_1.0 !has_host",
        f"deny deny_status 400 if has_host !{{ req.hdr(host) -m reg '{_HOST}' }}",
        f"deny deny_status 400 if {{ path -m reg -i '{_DOTS}' }}",
    ]
    if settings.limits.body_bytes is not None:
        lines.append(f"deny deny_status 413 if {{ req.body_size gt {settings.limits.body_bytes} }}")
    return "\n".join(f"  http-request {line}" for line in lines)


def _paths(settings: RouterSettings) -> str:
    return "/ /ui /healthz /metrics" if settings.expose_metrics else "/ /ui /healthz"


def _fixed_backends(settings: RouterSettings) -> str:
    metrics = "\n".join(f"  bind {bind}" for bind in settings.metrics_binds)
    return f"""\
frontend metrics from base
{metrics}
  no log
  http-request use-service prometheus-exporter if {{ path /metrics }}
  http-request return status 404 content-type text/plain string "Only /metrics is here.\\n"

backend successor from base
  server successor unix@{settings.successor_socket} send-proxy-v2

backend unknown_function from base
  http-request return status 404 content-type text/plain {_UNKNOWN} {sentence(UNKNOWN_FUNCTION)}

backend unknown_path from base
  http-request return status 404 content-type text/plain lf-string {sentence(UNKNOWN_PATH)}

backend gateway from base
  option forwardfor except 127.0.0.1
  timeout server {settings.limits.tunnel_seconds}s
  http-response del-header Server
  server gateway {settings.gateway}
"""


def _waking(settings: RouterSettings) -> str:
    """A way to the activator of its own: it may take as long to come back as a gateway to start.

    Only a connection that was refused is tried again, so no call is made twice.
    Each of its calls has two connections that count, its own and its client's: hence twice as many
    for the whole process.
    """
    return f"""\
frontend waking from base
  bind unix@{settings.waking_socket} mode {settings.socket_mode}
  no log
  http-request set-var(txn.call_id) req.hdr(x-call-id)
  default_backend activator

backend activator from base
  retries {settings.limits.activator_tries}
  retry-on conn-failure
  server activator {settings.activator} {_ACTIVATOR}
"""


def _function_defaults(settings: RouterSettings) -> str:
    return f"""\
defaults function from base
  option forwardfor
  acl forwarded req.hdr(x-forwarded-host) -m found
  http-request set-header X-Forwarded-Host %[req.hdr(host)] unless forwarded
  http-request set-path %[path,regsub(^/function/[^/]*/?,/)]
  acl whole_name var(txn.function) -m sub .
  http-request set-header {FUNCTION_HEADER} %[var(txn.function)] if whole_name
  http-request set-header {FUNCTION_HEADER} {_DEFAULT_NAME} unless whole_name
  http-response del-header {node_answer.ANSWER_HEADER} unless {{ srv_name activator }}
  balance leastconn
  default-server maxconn {settings.limits.in_flight}
  default-server check inter 5s fastinter 200ms downinter 200ms fall 1 rise 1
  default-server observe layer4 error-limit 1 on-error mark-down
"""


def _function_backends(settings: RouterSettings, layout: Layout) -> Iterator[str]:
    holders = {backend: str(function) for function, backend in layout.functions.items()}
    for backend in backend_names(layout.shape):
        comment = f"  # {holders[backend]}" if backend in holders else ""
        yield f"backend {backend} from function{comment}"
        for server in slot_names(layout.shape):
            endpoint = layout.live.get((backend, server))
            yield f"  server {server} {endpoint or f'{_FREE_SLOT} disabled'}"
        yield f"  server activator unix@{settings.waking_socket} {_ACTIVATOR} backup\n"
