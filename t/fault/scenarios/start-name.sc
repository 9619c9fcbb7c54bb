# Ours: under a name, which keeps the pidfile among its records.
env      DAEMONIZE_RUNDIR={dir}/rundir
start    {bin}/daemonize -n web {target}
stop     {bin}/daemonctl stop web
status   {bin}/daemonctl status web
pidfile  {dir}/rundir/web/pid
exits    0 1 3 4 126 127
already  3
stopped  6
allow    rundir rundir/* rundir/*/lock rundir/*/state rundir/*/public
running  rundir/*/pid rundir/*/control
