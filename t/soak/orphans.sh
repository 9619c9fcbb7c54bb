#!/bin/sh
# SPDX-License-Identifier: ISC
# orphans.sh BUILD COUNT: a command ends, and COUNT children with it: all are
# reaped, its status is known, and it is started again; five times.
# shellcheck source=t/soak/soak.sh disable=SC2015 # bad, cannot: no else
. "${0%/*}/soak.sh"

cat >"$work/command" <<EOF
echo
n=\$(wc -l <$work/copies)
[ "\$n" -lt 5 ] || s=7
exec crowd $count \${s:-\$n}
EOF
served() { [ "$(known restarts)" = 4 ] && is exited; }

supervised --restart=on-failure --max-restarts=9/1h --keep-trying -R 0 \
    --final-status=7 -a -o "$work/copies" \
    sh "$work/command"
worst=0
while ! served; do
	n=$(zombies "$super")
	[ "$n" -le "$worst" ] || worst=$n
	[ $(($(date +%s) - begun)) -lt 300 ] || { bad "hangs: $(daemonctl status svc)" && break; }
	sleep 0.05
done
ends=$(daemonctl status --json svc | grep -o '"how": "[^"]*"' | sed 's/.*"status \(.*\)"/\1/' | paste -sd ' ')
[ "$ends" = '1 2 3 4 7, final' ] || bad "ended with $ends"
nobody_left
verdict "5 times $count" 'orphans that end at once' "zombies seen, at most: $worst"
