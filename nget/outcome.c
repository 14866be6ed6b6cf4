#include "outcome.h"

#include <stdarg.h>
#include <stdio.h>

int
outcome_fail(struct outcome *o, enum status status, const char *format, ...)
{
	va_list args;

	o->status = status;
	va_start(args, format);
	vsnprintf(o->text, sizeof o->text, format, args);
	va_end(args);
	return -1;
}
