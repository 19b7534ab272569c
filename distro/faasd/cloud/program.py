"""Whether Terraform itself is there, and new enough."""

import json
import re
import subprocess

from faasd.cloud.findings import Finding

_OLDEST = (1, 5)
_ADVICE = "install Terraform 1.5 or later and put it on PATH"


def check_program() -> Finding:
    """Look for `terraform` and its version."""
    try:
        done = subprocess.run(
            ["terraform", "version", "-json"],
            capture_output=True,
            text=True,
            timeout=60,
            check=True,
        )
        version = str(json.loads(done.stdout)["terraform_version"])
    except FileNotFoundError:
        return Finding(what="terraform", state="not installed", advice=_ADVICE)
    except (subprocess.SubprocessError, ValueError, KeyError):
        return Finding(what="terraform", state="does not tell its version", advice=_ADVICE)
    return judge_version(version)


def judge_version(version: str) -> Finding:
    """Decide whether a version will do."""
    found = re.match(r"(\d+)\.(\d+)", version)
    if found and (int(found[1]), int(found[2])) >= _OLDEST and int(found[1]) == _OLDEST[0]:
        return Finding(what="terraform", state=version)
    return Finding(what="terraform", state=version, advice=_ADVICE)
