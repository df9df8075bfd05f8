#!/bin/sh
# npm run check: what a change must pass before it is committed. Needs root only for the library that Node needs, where it is missing.
. "$(dirname -- "$0")/setup.sh"

packages=libatomic1
install_packages
install_modules
exec node scripts/run-tests.ts check unit architecture
