# libslack's daemon 0.8: the pidfile names the daemon's parent, which stays.
# A second start says success whatever comes of it, so that is let pass.
start    /usr/bin/daemon -F {dir}/x.pid -o {dir}/out {target}
pidfile  {dir}/x.pid parent
resident 1
exits    0 1
already  0 1
allow    out
running  x.clientpid
