#ifndef NFIND_FIND_H
#define NFIND_FIND_H

#include <stdint.h>

struct answer;
struct indexes;
struct request;

/*
 * Ask all indexes at the same time and wait until the last of them has answered
 * or failed, or timeout_ms have passed, which is a failure too. answers has
 * room for one of each index; answer_free them in any case. What failed, and rows that made
 * no sense, are warned about by the name of the index. 0, or -1 with
 * errno when the system is out of what it takes: the process is to end soon.
 */
int find(const struct indexes *indexes, const struct request *request,
    int64_t timeout_ms, struct answer *answers);

#endif
