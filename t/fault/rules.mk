# The fault injector and what its scenarios start: build/t/fault*.
# For the GNUmakefile to include; wants T, CC, WARN, say.  glibc's names of
# errors and signals are needed, which PROBECC has also in a lean build.

FAULT   := alone bare bench calls condition entry events faults filter judge main \
	points regs scenario scratch spec strike sweep task trace wait
FAULTCC := $(PROBECC) -std=gnu11 -O2 -g $(WARN)

fault-tools: $(T)/fault $(T)/fault-target $(T)/fault-sloppy $(T)/fault-init \
	$(T)/fault-slay

$(T)/fault: $(FAULT:%=t/fault/%.c) $(wildcard t/fault/*.h)
	@mkdir -p $(@D)
	$(call say,CC)$(FAULTCC) -o $@ $(filter %.c,$^)

# With the library and the compiler that are struck.
$(T)/fault-init: t/fault/init.c $(B)/libdaemon.a
	@mkdir -p $(@D)
	$(call say,CC)$(CC) $(ALL_CFLAGS) -o $@ $< $(B)/libdaemon.a $(LINK)

$(T)/fault-slay: t/fault/slay.c t/fault/calls.c t/fault/calls.h
	@mkdir -p $(@D)
	$(call say,CC)$(FAULTCC) -o $@ $(filter %.c,$^)

# Static: hardly a call of their own, and no loader's.
$(T)/fault-%: t/fault/%.c
	@mkdir -p $(@D)
	$(call say,CC)$(FAULTCC) -static -o $@ $<

.PHONY: fault-tools
