#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
#
# check and metrics: what monitors are told.

# shellcheck disable=SC2016,SC2034,SC2154
load helper
load start
load 500-ctl
load 596-supervised

# checks STATUS REGEX ARG...: daemonctl check ARG... says one line, all of it
# as REGEX has it, and nothing else.
checks()
{
	local want=$1 regex=$2
	shift 2
	ctl check "$@"
	expect_status "$want" || return
	[[ ${#lines[@]} == 1 && -z $stderr && $output =~ ^$regex$ ]] ||
	    told "expected: $regex"
}

data='uptime=[0-9]+s;;;0 memory=[0-9]+B;;;0'

@test "ready is OK, with what can be drawn" {
	starts -n web
	checks 0 "WEB OK - ready for [0-9]s, pid $pid \| restarts=0c;;;0 $data" web
	checks 0 "WEB OK - ready .*" --all
	checks 0 "WEB OK - ready .*"
	supervised -- sleep 600
	pid=$(<run/svc/pid)
	checks 0 "SVC OK - ready for [0-9]s, pid $pid \| restarts=0c;;;0 $data" svc
}

@test "lately restarted, starting, and unsupervised are WARNING" {
	supervised -- sleep 600
	first=$(<run/svc/pid)
	kill -KILL "$first"
	eventually 5 is_anew "$first"
	pid=$(<run/svc/pid)
	checks 1 "SVC WARNING - ready for [0-9]s, pid $pid, restarted [0-9]s ago \(signal KILL\) \| restarts=1c;;;0 $data" svc
	kill -KILL "$super"
	eventually 5 gone "$super"
	checks 1 "SVC WARNING - unsupervised for .*" svc
	launch daemonize -n slow --ready=alive:9s sleep 600
	begins() { [[ $(daemonctl status slow) == 'slow: starting'* ]]; }
	eventually 5 begins
	checks 1 "SLOW WARNING - starting for [0-9]s, pid [0-9]+ \| .*" slow
}

@test "stopped, exited, failed and backoff are CRITICAL" {
	starts -n svc
	stops svc
	checks 2 'SVC CRITICAL - stopped for [0-9]s \| restarts=0c;;;0' svc
	starts -n over
	finish "$pid"
	checks 2 'OVER CRITICAL - exited \| restarts=0c;;;0' over
	run_fresh daemonize -n bad --ready=alive:5s false
	checks 2 'BAD CRITICAL - failed \(ready: false: ended with status 1 before it was ready\) for [0-9]s \| restarts=0c;;;0' bad
	run_fresh daemonize -n again -R 1m sh -c 'sleep 0.4; exit 7'
	expect_status 0
	remember "$(record run/again/public supervisor)"
	backs_off() { [[ $(daemonctl status again) == 'again: backoff'* ]]; }
	eventually 5 backs_off
	checks 2 'AGAIN CRITICAL - backoff \(status 7\) for [0-9]s \| restarts=0c;;;0' again
}

@test "what cannot be told is UNKNOWN, also how it was asked" {
	checks 3 'NOPE UNKNOWN - no such service' nope
	checks 3 'A/B UNKNOWN - no such service' 'a|b'
	checks 3 'SERVICES UNKNOWN - there are none' --all
	starts -n svc
	echo nonsense >run/svc/public
	checks 3 'SVC UNKNOWN - its record cannot be read' svc
	ctl check 'z*'
	expect_status 3
	[[ $output == 'SERVICES UNKNOWN - no service matches' ]] || told
	for wrong in '--none' '--json' '-p p'; do
		# shellcheck disable=SC2086 # words
		ctl check $wrong
		expect_status 3
		one_line_stderr
	done
}

@test "several are one line, with the worst status" {
	starts -n web
	starts -n db
	each="'db.restarts'=0c;;;0 'db.uptime'=[0-9]+s;;;0 'db.memory'=[0-9]+B;;;0"
	each+=" 'web.restarts'=0c;;;0 'web.uptime'=[0-9]+s;;;0 'web.memory'=[0-9]+B;;;0"
	checks 0 "SERVICES OK - 2 of 2 ok \| $each" --all
	checks 3 "SERVICES UNKNOWN - nope no such service; 2 of 3 ok \| $each" \
	    db nope web
	starts -n mail
	ctl stop mail
	checks 2 "SERVICES CRITICAL - mail stopped, nope no such service; 2 of 4 ok \| .*'mail.restarts'=0c;;;0 .*" \
	    db mail nope web
}

@test "one known by its pidfile cannot forge a line" {
	p=$scratch/$'a|b=c\n.pid'
	starts -p "$p"
	checks 0 '[^|]* OK - [^|]*\| restarts=[^|]*'
	starts -n web
	ctl check
	expect_status 0
	[[ ${#lines[@]} == 1 && ${output//[^|]/} == '|' ]] || told
	tame
}

# families CODE: the strict parser of the makers of the format, with every
# sample of $output as (name, labels) -> value in s.
families()
{
	printf '%s\n' "$output" | "$python" -c '
import sys
from prometheus_client.openmetrics.parser import text_string_to_metric_families
families = list(text_string_to_metric_families(sys.stdin.read()))
s = {(x.name, *sorted(x.labels.values())): x.value
    for f in families for x in f.samples}
f = {f.name: (f.type, f.unit, bool(f.documentation)) for f in families}
'"$1"
}

@test "metrics are OpenMetrics, for a strict reader" {
	"$python" -c 'import prometheus_client' 2>/dev/null ||
	    skip "needs python3-prometheus-client"
	supervised -- sleep 600
	first=$(<run/svc/pid)
	kill -KILL "$first"
	eventually 5 is_anew "$first"
	starts -n over
	stops_over() { ctl stop over && expect_status 0; }
	stops_over
	starts -p "$scratch/"$'a"b\\c\xff\n.pid'
	ctl metrics
	expect_status 0
	[[ -z $stderr && ${lines[-1]} == '# EOF' ]] || told
	families 'assert f == {
	    "daemonize_service_state": ("gauge", "", True),
	    "daemonize_service_restarts": ("counter", "", True),
	    "daemonize_service_start_time_seconds": ("gauge", "seconds", True),
	    "daemonize_service_memory_bytes": ("gauge", "bytes", True),
	    "daemonize_service_cpu_seconds": ("counter", "seconds", True),
	    "daemonize_service_workers_wanted": ("gauge", "", True),
	    "daemonize_service_workers_ready": ("gauge", "", True)}, f'
	families 'assert s["daemonize_service_restarts_total", "svc"] == 1
assert s["daemonize_service_state", "ready", "svc"] == 1
assert s["daemonize_service_state", "failed", "svc"] == 0
assert s["daemonize_service_state", "over", "stopped"] == 1
assert s["daemonize_service_memory_bytes", "svc"] > 1000
assert s["daemonize_service_cpu_seconds_total", "svc"] >= 0
assert ("daemonize_service_memory_bytes", "over") not in s
import time
assert 0 <= time.time() - s["daemonize_service_start_time_seconds", "svc"] < 60
assert sum(v for k, v in s.items() if k[0] == "daemonize_service_state") == 3'
	ctl metrics svc
	expect_status 0
	[[ $output != *over* && $output == *'name="svc"'* ]] || told
	ctl metrics svc nope
	expect_status 6
	[[ $stderr == 'daemonctl: metrics: nope: no such service' ]] || told
	families 'assert ("daemonize_service_restarts_total", "svc") in s'
	refuses 2 'usage: metrics takes names, not -p (status -p does)' \
	    metrics -p p
}

# It reads the older format, where HELP of a counter is for its only sample.
@test "metrics are what promtool can read" {
	needs promtool
	supervised -- sleep 600
	starts -p "$scratch/"$'a"b\\c\xff\n.pid'
	ctl metrics
	expect_status 0
	said=$(promtool check metrics <<<"$output" 2>&1) || :
	[[ $said == 'daemonize_service_cpu_seconds_total no help text
daemonize_service_restarts_total no help text' ]] || {
		echo "promtool: $said"
		return 1
	}
	not promtool check metrics <<<"${output//\} /\} x}" 2>/dev/null
}

@test "metrics of no service are well-formed, too" {
	ctl metrics
	expect_status 0
	[[ ${lines[-1]} == '# EOF' ]] || told
	[[ $(grep -c '^# TYPE' <<<"$output") == 7 ]]
	[[ $(grep -vc '^#' <<<"$output") == 0 ]]
}
