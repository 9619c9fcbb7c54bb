# The planted bugs of sloppy.c, for selftest.sh.
start    {bin}/fault-sloppy {dir}/x.pid {target}
pidfile  {dir}/x.pid
exits    0 1 3
already  3
deadline 200
