#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
#
# Real programs through their life: start, status, reload, restart, stop.

# shellcheck disable=SC2016,SC2034,SC2154
load helper
load start
load 500-ctl
load servers

setup()
{
	scratch_setup
	((EUID != 0)) || share_scratch
	p=$scratch/p
}

# lives ARG...: daemonize -n svc ARG... is answered for by `answers`, through
# status and restart to its stop; reload is $reload: yes, or no.
lives()
{
	run_fresh daemonize -n svc -p "$p" -a -o "$scratch/log" \
	    -e "$scratch/log" "$@"
	expect_status 0
	silent
	pid=$(<"$p")
	remember "$pid"
	eventually 20 answers
	is ready 0 svc
	[[ ${lines[0]} == "svc: ready, pid $pid,"* ]]
	if [[ $reload == yes ]]; then
		does 0 '' reload svc
		eventually 10 reloaded
	else
		refuses 3 "reload: svc: $deaf: use restart" reload svc
	fi
	eventually 10 answers
	alive "$pid"
	ctl restart svc
	expect_status 0
	gone "$pid"
	pid=$(<"$p")
	remember "$pid"
	[[ ${lines[0]} =~ $(stopped_line svc) && ${lines[1]} == "svc: running, pid $pid" ]]
	[[ ${#lines[@]} == 2 ]]
	eventually 20 answers
	is ready 0 svc
	stops svc
	gone "$pid"
	[[ ! -e $p && -z $(strays) ]]
	not answers
	is stopped 3 svc
}

@test "nginx: reloads its configuration" {
	needs nginx
	port=$(free_port)
	nginx_says "$port" one
	answers() { [[ $(http_get "$port") =~ ^(one|two)$ ]]; }
	reloaded()
	{
		sed -i 's/"one/"two/' "$scratch/nginx.conf"
		# The first HUP may have met the old text.
		daemonctl reload svc
		[[ $(http_get "$port") == two ]]
	}
	reload=yes
	lives nginx -e "$scratch/nginx.log" -c "$scratch/nginx.conf" \
	    -g 'daemon off;'
}

@test "redis: has no reload, and saves before it goes" {
	needs redis-server
	port=$(free_port)
	answers() { [[ $(greeting "$port" PING) == +PONG ]]; }
	reload=no deaf='ignores HUP'
	lives redis-server --port "$port" --bind 127.0.0.1 --dir "$scratch" \
	    --save 3600 1
	grep -q 'User requested shutdown' "$scratch/log"
	[[ $(grep -c 'Server initialized' "$scratch/log") == 2 ]]
}

@test "python3 -m http.server: would die of HUP" {
	needs python3
	port=$(free_port)
	mkdir "$scratch/www"
	echo hello >"$scratch/www/index.html"
	answers() { [[ $(http_get "$port") == hello ]]; }
	reload=no deaf='does not handle HUP, it would die'
	lives -c "$scratch/www" \
	    "$python" -u -m http.server --bind 127.0.0.1 "$port"
}

# bats test_tags=root
@test "sshd: executes itself on HUP, as the same process" {
	root_only
	needs sshd ssh-keygen
	port=$(free_port)
	sshd_on "$port"
	answers() { [[ $(greeting "$port") == SSH-2.0-* ]]; }
	reloaded() { grep -q 'Received SIGHUP; restarting' "$scratch/log"; }
	reload=yes
	lives "${sshd[@]}"
}

# bats test_tags=root
@test "cron: in a /run of its own" {
	root_only
	needs cron
	unshare -m true || skip 'no mount namespace'
	answers()
	{
		local pid
		{ read -r pid <"$p"; } 2>/dev/null && [[ $(readlink "/proc/$pid/exe") == */cron ]] &&
		    in_state "$pid" S &&
		    ((0x$(awk '/^SigCgt/ { print $2 }' "/proc/$pid/status") & 1))
	}
	reloaded() { answers; }
	reload=yes
	lives unshare -m sh -c 'mount -t tmpfs none /run && exec cron -f'
}
