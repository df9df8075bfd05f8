#!/bin/sh
# npm run bench:logs: logs of the executable beside cat, through a pipe.
. "$(dirname -- "$0")/setup.sh"

packages="$runtime_packages $build_packages"
install_packages
install_modules
[ -n "${CRISH_BIN:-}" ] || node scripts/build.ts
exec node test/bench/logs.ts
