#!/bin/sh
# Builds the suites that are written in Go, outside of the tree, and prints the folder where they are:
# grpc/client, grpc/server, conformance/connectconformance with its .proto files in conformance/proto, h2spec/h2spec.
#
#   setup.sh           builds them if they are not there
#   setup.sh --where   only prints where they are or would be; exit code 1 when they are not there
set -eu

grpc=google.golang.org/grpc/interop
grpc_version=v1.76.0
conformance=connectrpc.com/conformance
conformance_version=v1.0.5

here=$(cd "$(dirname "$0")" && pwd)
if ! command -v go >/dev/null; then
  echo "there is no go" >&2
  exit 1
fi
# Other versions, or another Go, are another folder.
hash=$({ go version && cat "$here/setup.sh" "$here/h2spec/go.mod"; } | cksum | tr -dc '0-9')
folder=${XDG_CACHE_HOME:-$HOME/.cache}/steward-interop/go-$hash
echo "$folder"

if [ -f "$folder/complete" ]; then exit 0; fi
if [ "${1:-}" = "--where" ]; then exit 1; fi

chmod -R u+w "$folder" 2>/dev/null || true
rm -rf "$folder"
mkdir -p "$folder"
# Outside of every module, so that the versions are those that the suites themselves name.
cd "$folder"
GOBIN=$folder/grpc go install "$grpc/client@$grpc_version" "$grpc/server@$grpc_version" >&2
GOBIN=$folder/conformance go install "$conformance/cmd/connectconformance@$conformance_version" >&2
module=$(go mod download -json "$conformance@$conformance_version" | sed -n 's/^.*"Dir": "\(.*\)".*$/\1/p')
cp -R "$module/proto" "$folder/conformance/proto"
# h2spec names no versions of what it needs, so a module here does.
cd "$here/h2spec"
GOBIN=$folder/h2spec go install tool >&2
touch "$folder/complete"
