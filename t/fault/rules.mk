# t/fault: the syscall fault injector and its sweep driver.
FAULT_SRC = bare.c bench.c calls.c condition.c entry.c events.c faults.c \
	filter.c judge.c main.c points.c regs.c scenario.c scratch.c spec.c \
	strike.c sweep.c task.c trace.c wait.c
