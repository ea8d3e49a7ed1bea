#!/bin/sh
# Makes a Python environment with requirements.txt in it, outside of the tree, and prints where it is.
#
#   setup.sh           makes it if it is not there
#   setup.sh --where   only prints where it is or would be; exit code 1 when it is not there
#
# PYTHON names the interpreter to use, python3 by default.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
python=${PYTHON:-python3}
if ! command -v "$python" >/dev/null; then
  echo "there is no $python" >&2
  exit 1
fi
# Another requirements.txt or another Python is another environment.
hash=$({ "$python" --version && cat "$here/requirements.txt"; } | cksum | tr -dc '0-9')
folder=${XDG_CACHE_HOME:-$HOME/.cache}/steward-interop/python-$hash
echo "$folder"

if [ -f "$folder/complete" ]; then exit 0; fi
if [ "${1:-}" = "--where" ]; then exit 1; fi

rm -rf "$folder"
mkdir -p "$(dirname "$folder")"
"$python" -m venv "$folder" >&2
"$folder/bin/python" -m pip install --quiet --disable-pip-version-check --no-deps -r "$here/requirements.txt" >&2
touch "$folder/complete"
