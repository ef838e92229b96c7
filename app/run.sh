#!/usr/bin/env bash
# Installs what is missing, builds the release and opens the window on the built-in sample.
# Arguments are passed on: app/run.sh MODEL --data DATA. Without a display it takes a picture instead.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
root=$PWD
source cmake/install_packages.sh

install_packages app/packages.txt
echo "== building build/release"
mkdir -p build
cmake --preset release -DNOISEFLOOR_TESTS=OFF >build/release.log 2>&1 || { cat build/release.log; exit 1; }
cmake --build --preset release --target noisefloor noisefloor-cli
program=$root/build/release/app/noisefloor
cd "${OLDPWD:-$root}" # file names among the arguments are the caller's

if [[ -z ${DISPLAY:-}${WAYLAND_DISPLAY:-} ]]; then
  export QT_QPA_PLATFORM=${QT_QPA_PLATFORM:-offscreen}
  if [[ " $* " != *" --screenshot"* ]]; then
    echo "== no display: the window goes into build/sample.png"
    exec "$program" --screenshot "$root/build/sample.png" "$@"
  fi
fi
echo "== opening the window"
exec "$program" "$@"
