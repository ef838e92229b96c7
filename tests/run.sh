#!/usr/bin/env bash
# Installs what is missing, builds with warnings as errors and runs all tests.
#   tests/run.sh          reduced, seeded counts
#   tests/run.sh --long   full counts, and the tests again under the sanitizers
# The shared models and data are taken from $NOISEFLOOR_SHARED (default: ../shared); tests skip visibly without them.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
source cmake/install_packages.sh

long=0
for argument in "$@"; do
  case $argument in
    --long) long=1 ;;
    *) echo "usage: tests/run.sh [--long]" >&2; exit 2 ;;
  esac
done

mkdir -p build
install_packages app/packages.txt tests/packages.txt
# A vendor's Node.js conflicts with Debian's packages, so ask for the commands.
if ! command -v node >/dev/null || ! command -v npm >/dev/null; then
  echo "== installing Debian packages: nodejs npm"
  apt_install nodejs npm
fi
resources/onnxruntime/install.sh build/onnxruntime

NOISEFLOOR_SHARED=$(realpath -m "${NOISEFLOOR_SHARED:-$PWD/../shared}")
NOISEFLOOR_ONNXRUNTIME=$PWD/build/onnxruntime
export NOISEFLOOR_SHARED NOISEFLOOR_ONNXRUNTIME QT_QPA_PLATFORM=offscreen
[[ -d $NOISEFLOOR_SHARED ]] || echo "== no shared models in $NOISEFLOOR_SHARED: tests that need them are skipped"
[[ $long == 0 ]] || export NOISEFLOOR_LONG=1

# build_and_test PRESET [CTEST ARGUMENT]…
build_and_test() {
  local preset=$1 log=build/$1.log
  shift
  echo "== building build/$preset"
  cmake --preset "$preset" >"$log" 2>&1 || { cat "$log"; return 1; }
  cmake --build --preset "$preset"
  echo "== testing build/$preset"
  ctest --preset "$preset" -j2 "$@"
}

build_and_test dev
[[ $long == 1 ]] || exit 0

# The sanitizers slow everything down by a factor: reduced counts again.
unset NOISEFLOOR_LONG
ASAN_OPTIONS=detect_stack_use_after_return=1 UBSAN_OPTIONS=print_stacktrace=1:halt_on_error=1 build_and_test asan

# Our own host threads are what this watches. libgomp's barriers and oneDNN's generated code are invisible to the
# sanitizer, so OpenMP gets one thread, accesses inside foreign libraries are not judged, and the real models stay out.
export OMP_NUM_THREADS=1 TSAN_OPTIONS=ignore_noninstrumented_modules=1:halt_on_error=1
# GCC 12's runtime does not know the address randomization of newer kernels.
if setarch -R true 2>/dev/null; then
  export -f build_and_test
  setarch -R bash -euo pipefail -c 'build_and_test tsan --label-exclude models'
else
  build_and_test tsan --label-exclude models
fi
