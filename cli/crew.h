/* Scenarios played side by side, on threads, and told in their order. */
#ifndef CLI_CREW_H
#define CLI_CREW_H

#include <stddef.h>

struct crypto_context;

struct cli_crew {
    size_t count;   /* of scenarios */
    size_t workers; /* threads at most, from 1 */
    void *context;
    /* On a thread: plays the scenario of this number. The crypto context is that thread's own. */
    void (*play)(void *context, size_t index, struct crypto_context *crypto);
    /* On the calling thread, once that scenario and all before it were played, while others still are. */
    void (*tell)(void *context, size_t index);
};

/* Returns when all were told. Ends the program where no thread can be had. */
void cli_crew_run(const struct cli_crew *crew);

#endif
