# What the soaks start: build/t/soak/*.  Wants T, WARN, PROBECC, say.
soak-tools: $(T)/soak/crowd $(T)/soak/clock.so

$(T)/soak/crowd: t/soak/crowd.c
	@mkdir -p $(@D)
	$(call say,CC)$(PROBECC) -static -std=gnu11 -O2 $(WARN) -o $@ $<

$(T)/soak/clock.so: t/soak/clock.c
	@mkdir -p $(@D)
	$(call say,CC)$(PROBECC) -shared -fPIC -std=gnu11 -D_GNU_SOURCE -O2 $(WARN) -o $@ $<

.PHONY: soak-tools
