#ifndef NAP_PROMPT_H
#define NAP_PROMPT_H

/*
 * From now on the calling thread soon has a processor when it wakes, even one
 * that another is busy on: it asks for short turns, which come early. Only
 * Linux since 6.12 listens; nothing is lost elsewhere.
 */
void prompt_thread(void);

#endif
