# Sourced by the commands: choose a Python that Odoo 19.0 runs on and hand over to dev/.
# shellcheck shell=sh
here=$(cd "$(dirname "$0")/.." && pwd)
fits() { "$1" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' 2>/dev/null; }
for python in "${PYTHON:-python3}" python3.11 python3.12 python3.13 /usr/bin/python3; do
    fits "$python" && exec "$python" "$here/dev" "$@"
    [ -z "$PYTHON" ] || break
done
echo "$1: no Python 3.11 to 3.13 here: install python3 or name one, as in PYTHON=python3.11 $0" >&2
exit 1
