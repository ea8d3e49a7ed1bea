#!/bin/sh
# Fetches the clients of others, outside of the tree, and prints the folder where they are: bin/grpcurl and bin/buf.
#
#   setup.sh           fetches them if they are not there
#   setup.sh --where   only prints where they are or would be; exit code 1 when they are not there
set -eu

grpcurl_version=v1.9.3
buf_version=1.75.0

here=$(cd "$(dirname "$0")" && pwd)
for tool in go npm; do
  if ! command -v "$tool" >/dev/null; then
    echo "there is no $tool" >&2
    exit 1
  fi
done
# Other versions are another folder.
hash=$({ go version && cat "$here/setup.sh"; } | cksum | tr -dc '0-9')
folder=${XDG_CACHE_HOME:-$HOME/.cache}/steward-interop/clients-$hash
echo "$folder"

if [ -f "$folder/complete" ]; then exit 0; fi
if [ "${1:-}" = "--where" ]; then exit 1; fi

rm -rf "$folder"
mkdir -p "$folder/bin"
cd "$folder"
GOBIN=$folder/bin go install "github.com/fullstorydev/grpcurl/cmd/grpcurl@$grpcurl_version" >&2
npm install --silent --no-audit --no-fund --prefix "$folder" "@bufbuild/buf@$buf_version" >&2
ln -s ../node_modules/.bin/buf "$folder/bin/buf"
"$folder/bin/buf" --version >&2
touch "$folder/complete"
