# Ours: the command does not exist, so every start says 127 and leaves nothing.
env      DAEMONIZE_RUNDIR={dir}/rundir
start    {bin}/daemonize -p {dir}/x.pid {dir}/none
pidfile  {dir}/x.pid
expect   127
exits    1 126 127
allow    rundir rundir/* rundir/*/lock rundir/*/state rundir/*/public
