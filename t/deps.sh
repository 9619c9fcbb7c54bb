#!/bin/sh
# SPDX-License-Identifier: ISC
# deps.sh demo|check|lint: makes sure that what is needed is installed.  As
# root it installs what is missing with apt-get, otherwise it names the
# command that would.
set -u
build='gcc:gcc make:make pkg-config:pkg-config /usr/include/bsd/stdlib.h:libbsd-dev
 /usr/include/zlib.h:zlib1g-dev /usr/include/zstd.h:libzstd-dev zstd:zstd'
demo="$build python3:python3"
check="$demo bats:bats clang:clang musl-gcc:musl-tools mandoc:mandoc strace:strace
 curl:curl nginx:nginx-light redis-server:redis-server haproxy:haproxy cron:cron sshd:openssh-server
 memcached:memcached gunicorn:gunicorn node:nodejs
 /usr/include/systemd/sd-daemon.h:libsystemd-dev start-stop-daemon:dpkg daemon:daemon daemonize:daemonize
 zsh:zsh fish:fish setpriv:util-linux unshare:util-linux
 systemd-notify:systemd valgrind:valgrind parallel:parallel spin:spin
 promtool:prometheus rsyslogd:rsyslog logrotate:logrotate mkfs.ext4:e2fsprogs
 /usr/lib/python3/dist-packages/prometheus_client:python3-prometheus-client
 /usr/share/bash-completion/bash_completion:bash-completion"
lint="$build clang-format:clang-format clang-tidy:clang-tidy cppcheck:cppcheck
 shellcheck:shellcheck mandoc:mandoc clang:clang"

case ${1:-} in
demo) need=$demo ;;
check) need=$check ;;
lint) need=$lint ;;
*) echo "usage: deps.sh demo|check|lint" >&2; exit 2 ;;
esac

PATH=$PATH:/usr/sbin:/sbin
missing=
for n in $need; do
	what=${n%%:*} package=${n#*:}
	case $what in
	/*) [ -e "$what" ] && continue ;;
	*) command -v "$what" >/dev/null 2>&1 && continue ;;
	esac
	missing="$missing $package"
done
[ -n "$missing" ] || exit 0
if ! command -v apt-get >/dev/null 2>&1; then
	echo "missing:$missing (no apt-get here: install what provides them)" >&2
	exit 1
fi
if [ "$(id -u)" != 0 ]; then
	echo "missing:$missing" >&2
	echo "run: sudo apt-get install -y --no-install-recommends$missing" >&2
	exit 1
fi
echo "installing:$missing"
export DEBIAN_FRONTEND=noninteractive
# Servers are wanted as programs; nothing is to be started.
policy=/usr/sbin/policy-rc.d
[ -e $policy ] || { printf '#!/bin/sh\nexit 101\n' >$policy && chmod 755 $policy && made=1; }
# shellcheck disable=SC2086 # a list of words
{ apt-get update -qq && apt-get install -y -qq --no-install-recommends $missing; } >/tmp/deps.$$ 2>&1
status=$?
[ -z "${made:-}" ] || rm -f $policy
[ $status = 0 ] || tail -n 20 /tmp/deps.$$ >&2
rm -f /tmp/deps.$$
exit $status
