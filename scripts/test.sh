#!/bin/sh
# npm test: sets the machine up, checks the sources and runs every test against real components.
. "$(dirname -- "$0")/setup.sh"

[ "$(id -u)" = 0 ] || die "the tests run containers and need root's rights; npm run check does not"
packages="$runtime_packages $build_packages $test_packages"
install_packages
install_modules
exec node scripts/run-tests.ts "$@"
