#include "sha256_blocks.h"
#include "sha256_isa.h"

sha256_blocks_fn *
sha256_blocks_native(void)
{
	return isa_has_sha256() ? isa_blocks : NULL;
}
