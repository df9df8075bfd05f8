#!/bin/sh
# npm run build: dist/crish for this machine, or `-- --target linux-arm64` and others (see build.ts).
. "$(dirname -- "$0")/setup.sh"

packages=libatomic1
install_packages
install_modules
exec node scripts/build.ts "$@"
