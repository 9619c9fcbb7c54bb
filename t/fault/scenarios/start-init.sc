# Ours: a program that becomes a daemon by itself, with daemon_init().
env      DAEMONIZE_RUNDIR={dir}/rundir
start    {bin}/t/fault-init {dir}/x.pid
stop     {bin}/daemonctl stop -p {dir}/x.pid
status   {bin}/daemonctl status -p {dir}/x.pid
pidfile  {dir}/x.pid
exits    0 1 3 129 130 137 143
already  3
stopped  6
allow    rundir rundir/* rundir/*/lock rundir/*/state rundir/*/public
