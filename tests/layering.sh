#!/usr/bin/env bash
# The arrows of the house: each folder may include only the folders below it, and Qt only from views upward.
set -u
root=$1
failed=0
declare -A allowed=(
  [kernels]="kernels"
  [core]="core kernels"
  [io]="io core kernels"
  [views]="views core kernels"
  [app]="app views io core kernels"
)
complain() { echo "$1"; failed=1; }
for folder in kernels core io views app; do
  while IFS=: read -r file line text; do
    included=$(sed -E 's/.*#include "([a-z]+)\/.*/\1/' <<<"$text")
    [[ " ${allowed[$folder]} " == *" $included "* ]] || complain "$file:$line: $folder must not include $included"
  done < <(grep -rnE --include='*.h' --include='*.cpp' '#include "[a-z]+/' "$root/$folder" 2>/dev/null)
done
while IFS=: read -r file line text; do
  complain "$file:$line: Qt below views: $text"
done < <(grep -rnE --include='*.h' --include='*.cpp' '#include <(Q[A-Z]|qcustomplot)' "$root/kernels" "$root/core" "$root/io" "$root/app/cli" 2>/dev/null)
while IFS=: read -r file line text; do
  complain "$file:$line: oneDNN outside kernels/*.cpp: $text"
done < <(grep -rnE --include='*.h' --include='*.cpp' '#include <(oneapi/|dnnl)' "$root" --exclude-dir=build 2>/dev/null | grep -vE "^$root/(kernels|tests/kernels)/[^:]*\.cpp:")
while IFS=: read -r file line text; do
  complain "$file:$line: HDF5, protobuf or ONNX header outside io/*.cpp: $text"
done < <(grep -rnE --include='*.h' --include='*.cpp' '#include <(hdf5|onnx/|google/protobuf)' "$root" --exclude-dir=build 2>/dev/null | grep -vE "^$root/(io|tests/io)/[^:]*\.cpp:")
while IFS=: read -r file line text; do
  complain "$file:$line: qcustomplot.h belongs into .cpp files of plots"
done < <(grep -rnE --include='*.h' '#include <qcustomplot' "$root" --exclude-dir=build 2>/dev/null)
[[ $failed == 0 ]] && echo "layers are clean"
exit $failed
