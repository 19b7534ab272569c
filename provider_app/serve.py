"""``python3 -m provider_app.serve``: gunicorn, 5 MB lighter in each of its processes.

gunicorn 20.1 imports pkg_resources for worker classes given as entry points of other packages,
which ours never is. An empty module in its place is all that it needs.
"""

import sys
from types import ModuleType

if __name__ == "__main__":
    sys.modules.setdefault("pkg_resources", ModuleType("pkg_resources"))

    from gunicorn.app.wsgiapp import run

    run()
