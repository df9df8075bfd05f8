#!/bin/sh
# npm run bench:start: whole commands of the executable beside crictl ($CRICTL), else beside ctr.
. "$(dirname -- "$0")/setup.sh"

packages="$runtime_packages $build_packages containerd hyperfine"
install_packages
install_modules
[ -n "${CRISH_BIN:-}" ] || node scripts/build.ts
exec node test/bench/start.ts
