#!/bin/sh
# npm run bench: the embedded runtime beside containerd, in one run.
. "$(dirname -- "$0")/setup.sh"

packages="$runtime_packages $build_packages"
install_packages
install_modules
node scripts/build.ts
exec node test/bench/bench.ts
