# Ours: ready only after it has lived for a while.
env      DAEMONIZE_RUNDIR={dir}/rundir
start    {bin}/daemonize -p {dir}/x.pid --ready=alive:10ms {target}
stop     {bin}/daemonctl stop -p {dir}/x.pid
status   {bin}/daemonctl status -p {dir}/x.pid
pidfile  {dir}/x.pid
exits    0 1 3 4 126 127
already  3
stopped  6
allow    rundir rundir/* rundir/*/lock rundir/*/state rundir/*/public
running  rundir/*/pid rundir/*/control
