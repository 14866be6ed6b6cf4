#ifndef NAP_TESTS_DICE_H
#define NAP_TESTS_DICE_H

#include <stdint.h>

/* A number below another, any one, but the same from the same seed on. */
static inline uint32_t
dice_draw(uint64_t *seed, uint32_t below)
{
	*seed = *seed * 6364136223846793005u + 1442695040888963407u;
	return (uint32_t)((*seed >> 32) * below >> 32);
}

#endif
