# Debian's daemonize 1.7.8: no handshake after the fork, no tool to stop.
start    /usr/bin/daemonize -p {dir}/x.pid -l {dir}/x.lock -o {dir}/out {target}
pidfile  {dir}/x.pid
exits    0 1
already  1
allow    x.lock out
