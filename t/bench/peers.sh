#!/bin/sh
# SPDX-License-Identifier: ISC
# Brings the peers, and the compiler of the limits, from Debian's packages.
# Fails where something stays missing: the harness then leaves it out.
set -u
PATH=$PATH:/usr/sbin:/sbin
missing=
for need in daemonize:daemonize daemon:daemon busybox:busybox \
    runsv:runit supervise:daemontools s6-supervise:s6 \
    svlogd:runit multilog:daemontools s6-log:s6 rotatelogs:apache2-utils \
    start-stop-daemon:dpkg setsid:util-linux strip:binutils \
    musl-gcc:musl-tools gcc:gcc make:make; do
	command -v "${need%%:*}" >/dev/null 2>&1 ||
	    missing="$missing ${need#*:}"
done
[ -n "$missing" ] || exit 0
if ! command -v apt-get >/dev/null 2>&1; then
	echo "missing:$missing (no apt-get here)" >&2
	exit 1
fi
if [ "$(id -u)" != 0 ]; then
	echo "missing:$missing" >&2
	echo "run: sudo apt-get install -y --no-install-recommends$missing" >&2
	exit 1
fi
echo "installing:$missing" >&2
export DEBIAN_FRONTEND=noninteractive
# shellcheck disable=SC2086 # a list of words
{ apt-get update -qq &&
    apt-get install -y -qq --no-install-recommends $missing; } >/dev/null
