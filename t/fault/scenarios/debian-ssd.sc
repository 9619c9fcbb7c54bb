# dpkg's start-stop-daemon: forks and returns, writes the pidfile later.
start    /sbin/start-stop-daemon -S -q -b -m -p {dir}/x.pid -x {target}
stop     /sbin/start-stop-daemon -K -q -p {dir}/x.pid --remove-pidfile --retry 5
pidfile  {dir}/x.pid
exits    0 1 2 3
already  1
