#!/bin/sh
# SPDX-License-Identifier: ISC
# requests.sh BUILD: what reloads cost those who ask meanwhile.  ab(1) asks a
# server with four workers for a small page, first in peace, then while it is
# reloaded ten times.  ROUNDS=N; PEACE=SECONDS.  Contenders take turns; what is
# said is the median, but of what was lost the sum.  nginx and gunicorn each
# run under their own master, and under ours.
set -u
here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=t/bench/masters.sh
. "$here/masters.sh"
build=$(cd "$1" && pwd)
rounds=${ROUNDS:-3} peace=${PEACE:-3}
workers=4 reloads=10 port=18437
work=$(mktemp -d) && trap 'rm -rf "$work"' EXIT
PATH=$build:$PATH:/usr/sbin
command -v ab >/dev/null || { echo 'bench: ab is missing: J is left out' >&2; exit 0; }

contenders=
! command -v nginx >/dev/null || contenders='nginx, its own;nginx
nginx, daemonize *;our_nginx
'
! command -v gunicorn >/dev/null || contenders="${contenders}gunicorn, its own;gunicorn
gunicorn, daemonize *;our_gunicorn
"
contenders=${contenders%?}
[ -n "$contenders" ] || { echo 'bench: no server for J' >&2; exit 0; }

# asked OPTION...: in $dir/asked.
asked() { exec ab -q -r -c 4 "$@" -n 9999999 "http://127.0.0.1:$port/" >"$dir/asked" 2>&1; }

# figure WORDS: what ab says of that.
figure() { sed -n "s/^ *$1:* *\([0-9]*\).*/\1/p" "$dir/asked"; }

answers() { ab -q -n 1 "http://127.0.0.1:$port/" >/dev/null 2>&1; }

# under_load RELOAD...: prints "RELOAD PEACE RELOADS SLOWEST REQUESTS LOST".
under_load() {
	until_it answers
	(asked -t "$peace")
	quiet=$(figure 'Requests per second')
	asked -t 600 &
	asking=$!
	sleep 0.5
	for _ in $(seq $reloads); do
		a=$(ms)
		"$@"
		echo $(($(ms) - a)) >>"$dir/times"
	done
	kill -INT "$asking"
	wait "$asking"
	other=$(figure 'Non-2xx responses')
	echo "$(median 1 "$dir/times") $quiet $(figure 'Requests per second')" \
	    "$(figure '100%') $(figure 'Complete requests')" \
	    "$(($(figure 'Failed requests') + ${other:-0}))"
}

# nginx_conf LINE...: and what is the same.
nginx_conf() {
	mkdir "$dir/www" "$dir/tmp"
	chmod a+x "$work" "$dir" # its workers are somebody else
	echo hello >"$dir/www/index.html"
	{ printf '%s\n' "$@"; cat; } >"$dir/conf" <<END
error_log /dev/null;
events { worker_connections 64; }
http {
	access_log off;
	client_body_temp_path tmp; proxy_temp_path tmp; fastcgi_temp_path tmp;
	uwsgi_temp_path tmp; scgi_temp_path tmp;
	server { listen 127.0.0.1:$port; root $dir/www; }
}
END
}

gunicorn_app() {
	cat >"$dir/app.py" <<'END'
def app(environ, start):
	start("200 OK", [("Content-Type", "text/plain"), ("Content-Length", "6")])
	return [b"hello\n"]
END
}

# theirs: their own master has begun.
theirs() {
	until_it test -s "$dir/pid"
	master=$(cat "$dir/pid")
	until_it has_kids "$master" $workers
	under_load hup "$master" $workers
	kill -TERM "$master"
	until_it is_gone "$master"
}

# ours ARG... CMD...
ours() {
	daemonize -n b -q -c "$dir" -w $workers --log=none --listen "127.0.0.1:$port" "$@"
	under_load daemonctl -q reload b
	daemonctl -q stop b
}

nginx_round() {
	nginx_conf "worker_processes $workers;" "pid $dir/pid;"
	nginx -p "$dir" -c "$dir/conf" 2>/dev/null
	theirs
}

our_nginx_round() {
	nginx_conf 'daemon off;' 'worker_processes 1;'
	ours --listen-env=nginx --ready=alive:50ms \
	    nginx -p "$dir" -c "$dir/conf" -g 'pid nginx-{worker}.pid;'
}

gunicorn_round() {
	gunicorn_app
	(cd "$dir" && exec gunicorn -b "127.0.0.1:$port" -w $workers \
	    --worker-tmp-dir "$dir" -p "$dir/pid" app:app) >/dev/null 2>&1 &
	theirs
}

our_gunicorn_round() {
	gunicorn_app
	ours --drain=TERM/20 --ready=alive:300ms \
	    gunicorn -w 1 --worker-tmp-dir "$dir" app:app
}

round() { "${1}_round"; }

printf '\nJ. %d reloads under load: one in ms; answers per second in peace, and meanwhile; the slowest in ms; requests, and lost\n\n' $reloads
take_turns "$rounds" "$work"
printf '%-22s %8s %8s %8s %8s %9s %6s\n' '' reload peace reloads slowest requests lost
echo "$contenders" | while IFS=';' read -r name what; do
	printf '%-22s' "$name"
	for column in 1 2 3 4; do printf ' %8s' "$(median $column "$work/$name")"; done
	awk '{ n += $5; lost += $6 } END { printf " %9d %6d\n", n, lost }' "$work/$name"
done
