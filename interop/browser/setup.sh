#!/bin/sh
# Builds the page for browsers, outside of the tree, and prints the folder where it is: page/ holds index.html and the
# bundle, gen/ the code of the contract, node_modules/ what made them.
#
#   setup.sh           builds it if it is not there, and installs Chromium by apt-get where there is none
#   setup.sh --where   only prints where it is or would be; exit code 1 when it, or Chromium, is not there
#
# CHROMIUM names the browser, /usr/bin/chromium by default.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
proto=$here/../../proto
chromium=${CHROMIUM:-/usr/bin/chromium}
for tool in node npm; do
  if ! command -v "$tool" >/dev/null; then
    echo "there is no $tool" >&2
    exit 1
  fi
done
# Another page, another contract or other packages are another folder.
hash=$({ node --version && cat "$here/setup.sh" "$here/package.json" "$here"/src/* &&
  find "$proto" -name '*.proto' | LC_ALL=C sort | xargs cat; } | cksum | tr -dc '0-9')
folder=${XDG_CACHE_HOME:-$HOME/.cache}/steward-interop/browser-$hash
echo "$folder"

if [ -x "$chromium" ] && [ -f "$folder/complete" ]; then exit 0; fi
if [ "${1:-}" = "--where" ]; then
  [ -x "$chromium" ] || echo "there is no $chromium" >&2
  exit 1
fi

if [ ! -x "$chromium" ]; then
  { apt-get update -qq && apt-get install -y -qq --no-install-recommends chromium; } >&2
  [ -x "$chromium" ]
fi
rm -rf "$folder"
mkdir -p "$folder/page"
cp -R "$here/package.json" "$here/src" "$folder"
cd "$folder"
npm install --silent --no-audit --no-fund >&2
# The code of the contract is made here and never kept in the tree.
export PATH="$folder/node_modules/.bin:$PATH"
buf generate "$proto" --template '{"version":"v2","plugins":[{"local":"protoc-gen-es","out":"gen","opt":"target=js"}]}' >&2
esbuild src/main.js --bundle --format=esm --minify --log-level=warning --outfile=page/main.js >&2
cp src/index.html page/index.html
touch "$folder/complete"
