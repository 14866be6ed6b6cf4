#ifndef NAP_DROP_CAPS_H
#define NAP_DROP_CAPS_H

struct drop_sandbox;

/* Let go of all capabilities, in every set. 0, or -1 with errno. */
int drop_caps(const struct drop_sandbox *s);

/* Nothing that is executed gets a capability, if we may say so. */
void drop_caps_bounds(void);

#endif
