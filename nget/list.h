#ifndef NAP_NGET_LIST_H
#define NAP_NGET_LIST_H

#include "lib/locator.h"
#include "outcome.h"

struct settings;

/*
 * Print what the peer at host shares, one locator a line, on standard output.
 * Why it failed, if it did, has been said.
 */
enum status list_run(
    const struct settings *settings, const struct locator_host *host);

#endif
