# Ours: the restart is struck: rehearsed, stopped, started again.
env      DAEMONIZE_RUNDIR={dir}/rundir
start    {bin}/daemonize -n web -o {dir}/out {target}
restart  {bin}/daemonctl restart web
stop     {bin}/daemonctl stop web
status   {bin}/daemonctl status web
pidfile  {dir}/rundir/web/pid
exits    0 1 3 4 126 127
already  3
stopped  6
allow    out rundir rundir/* rundir/*/lock rundir/*/state rundir/*/public
running  rundir/*/pid rundir/*/control
inject   restart
