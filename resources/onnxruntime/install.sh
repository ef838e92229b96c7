#!/usr/bin/env bash
# install.sh FOLDER: ONNX Runtime for Node.js, in the version that package-lock.json pins.
# Not reaching the npm registry is no failure: what needs ONNX Runtime then skips visibly.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
folder=$1
mkdir -p "$folder"
if cmp -s "$here/package-lock.json" "$folder/.installed"; then
  exit 0
fi
echo "== installing ONNX Runtime for Node.js into $folder"
cp "$here/package.json" "$here/package-lock.json" "$folder"
# The package holds the CPU library; its post-install step would only fetch others.
if (cd "$folder" && ONNXRUNTIME_NODE_INSTALL=skip ONNXRUNTIME_NODE_INSTALL_CUDA=skip \
    npm ci --no-audit --no-fund --loglevel=error --fetch-retries=1 --fetch-timeout=60000); then
  cp "$here/package-lock.json" "$folder/.installed"
else
  echo "== ONNX Runtime could not be installed: what needs it is skipped"
fi
