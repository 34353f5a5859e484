/* Threads that take the next scenario each; the caller waits for them one by one. */
#include "cli/crew.h"

#include <stdbool.h>
#include <stdlib.h>
#include <threads.h>

#include "base/mem.h"
#include "cli/command.h"
#include "ipsec/crypto/context.h"

struct shift {
    const struct cli_crew *crew;
    mtx_t lock;
    cnd_t one_is_done;
    size_t next; /* these under the lock */
    bool *done;
};

static int work(void *context)
{
    struct shift *shift = context;
    const struct cli_crew *crew = shift->crew;
    struct crypto_context *crypto = crypto_context_new();
    mtx_lock(&shift->lock);
    while (shift->next < crew->count) {
        size_t index = shift->next++;
        mtx_unlock(&shift->lock);
        crew->play(crew->context, index, crypto);
        mtx_lock(&shift->lock);
        shift->done[index] = true;
        cnd_broadcast(&shift->one_is_done);
    }
    mtx_unlock(&shift->lock);
    crypto_context_free(crypto);
    return 0;
}

static void await(struct shift *shift, size_t index)
{
    mtx_lock(&shift->lock);
    while (!shift->done[index])
        cnd_wait(&shift->one_is_done, &shift->lock);
    mtx_unlock(&shift->lock);
}

void cli_crew_run(const struct cli_crew *crew)
{
    size_t workers = crew->workers < crew->count ? crew->workers : crew->count;
    thrd_t *threads = base_alloc_array(workers, sizeof(*threads));
    struct shift shift = {.crew = crew, .done = base_alloc_array(crew->count, sizeof(bool))};
    mtx_init(&shift.lock, mtx_plain);
    cnd_init(&shift.one_is_done);
    for (size_t i = 0; i < workers; i++) {
        if (thrd_create(&threads[i], work, &shift) != thrd_success) {
            cli_complain("cannot start a thread");
            exit(CLI_WRONG);
        }
    }
    for (size_t i = 0; i < crew->count; i++) {
        await(&shift, i);
        crew->tell(crew->context, i);
    }
    for (size_t i = 0; i < workers; i++)
        thrd_join(threads[i], NULL);
    cnd_destroy(&shift.one_is_done);
    mtx_destroy(&shift.lock);
    free(shift.done);
    free(threads);
}
